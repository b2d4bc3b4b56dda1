"""Waits double with every failure, are bounded, and are spread."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley_operator.reconcile.backoff import FIRST_S, JITTER, LONGEST_S, delay_s

chances = st.floats(0.0, 1.0)


@given(failures=st.integers(-3, 10_000), chance=chances)
def test_a_wait_is_never_shorter_than_the_first_nor_longer_than_the_longest_but_for_the_jitter(
    failures: int, chance: float
) -> None:
    rounding = 1e-9
    assert FIRST_S * (1 - JITTER) - rounding <= delay_s(failures, chance) <= LONGEST_S * (1 + JITTER) + rounding


@given(failures=st.integers(1, 100), chance=chances)
def test_more_failures_never_wait_for_a_shorter_time(failures: int, chance: float) -> None:
    assert delay_s(failures + 1, chance) >= delay_s(failures, chance)


def test_a_wait_doubles_until_it_is_the_longest() -> None:
    waits = [delay_s(failures, 0.5) for failures in range(12)]
    assert waits[:6] == pytest.approx([1, 1, 2, 4, 8, 16])
    assert waits[10:] == pytest.approx([LONGEST_S, LONGEST_S])
    assert delay_s(3, 0.5, first_s=0.1, longest_s=0.3) == pytest.approx(0.3)


def test_the_chance_spreads_waits_by_a_fifth_to_both_sides() -> None:
    assert [delay_s(4, chance) for chance in (0.0, 0.5, 1.0)] == pytest.approx([6.4, 8.0, 9.6])

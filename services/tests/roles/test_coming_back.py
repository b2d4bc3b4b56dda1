"""G3 for those who come back by the cache, under arbitrary schedules of losses, outages and takeovers."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.roles.resume_world import FAULTS, MissedError, live


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_g3_who_comes_back_misses_nothing_that_was_told_before_he_registered(seed: int) -> None:
    world = asyncio.run(live(seed))
    assert world.answers > 5


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_the_schedules_find_a_planted_fault(fault: str) -> None:
    def missed(seed: int) -> bool:
        try:
            asyncio.run(live(seed, fault))
        except MissedError:
            return True
        return False

    assert any(missed(seed) for seed in range(300)), f"{fault} went unnoticed in 300 schedules"

"""A rate with a burst."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.token_bucket import TokenBucket


def test_a_full_bucket_gives_its_burst_and_then_says_how_long_to_wait() -> None:
    bucket = TokenBucket(rate=2.0, burst=3.0, now=0.0)
    assert [bucket.take(0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(0.0) == pytest.approx(0.5)
    assert bucket.take(0.5) == 0.0


def test_a_refusal_takes_nothing() -> None:
    bucket = TokenBucket(rate=1.0, burst=1.0, now=0.0)
    assert bucket.take(0.0, cost=0.5) == 0.0
    assert bucket.take(0.0, cost=1.0) > 0.0
    assert bucket.take(0.0, cost=0.5) == 0.0


def test_a_clock_that_seems_to_go_back_gives_nothing_away() -> None:
    bucket = TokenBucket(rate=1.0, burst=1.0, now=10.0)
    assert bucket.take(10.0) == 0.0
    assert bucket.take(5.0) == pytest.approx(1.0)
    assert bucket.take(10.5) == pytest.approx(0.5)


@given(
    rate=st.floats(0.1, 100.0),
    burst=st.integers(1, 50),
    pauses=st.lists(st.floats(0.0, 2.0), max_size=60),
)
def test_nobody_ever_gets_more_than_the_burst_and_the_rate(rate: float, burst: int, pauses: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate, burst, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now) == 0.0
    assert taken <= burst + rate * now + 1e-6

"""How long what waits will take: by the partition's own speed, which only work shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.backlog import USUAL_PER_SECOND, Backlog

EVERY_S = 0.5


def play(start: Backlog, looks: list[tuple[int, int]]) -> Backlog:
    """Looks of (waiting, done), one every half second."""
    backlog = start
    for number, (waiting, done) in enumerate(looks, 1):
        backlog = backlog.seen(waiting, done, number * EVERY_S)
    return backlog


@pytest.mark.parametrize("speed", [50, 400, 5_000])
def test_a_partition_at_work_shows_its_speed(speed: int) -> None:
    step = int(speed * EVERY_S)
    looks = [(1_000_000 - step * number, step * number) for number in range(1, 41)]
    backlog = play(Backlog(1_000_000, 0, 0.0), looks)
    assert backlog.per_second == pytest.approx(speed, rel=0.01)
    assert backlog.seconds == pytest.approx(backlog.waiting / speed, rel=0.01)


@given(st.integers(1, 100), st.integers(0, 100))
def test_a_partition_that_has_little_to_do_is_not_taken_for_slow(per_look: int, waiting: int) -> None:
    looks = [(min(waiting, per_look), per_look * number) for number in range(1, 100)]
    assert play(Backlog(0, 0, 0.0), looks).per_second == USUAL_PER_SECOND


def test_a_pause_while_partitions_change_hands_says_nothing_of_their_speed() -> None:
    paused = [(300 * number, 0) for number in range(1, 21)]
    backlog = play(Backlog(0, 0, 0.0), [*paused, (5_500, 500), (5_250, 1_000), (5_000, 1_500)])
    assert backlog.per_second >= USUAL_PER_SECOND * 0.8
    assert backlog.seconds < 15


def test_the_first_record_after_an_idle_hour_is_not_an_hour_of_work() -> None:
    backlog = Backlog(0, 0, 0.0).seen(0, 0, 3_600.0).seen(3, 0, 3_600.5).seen(3, 2, 3_601.0)
    assert backlog.per_second == pytest.approx(USUAL_PER_SECOND, rel=0.31)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 1e9))))
def test_any_looks_give_a_speed_that_can_be_divided_by(looks: list[tuple[int, int, float]]) -> None:
    backlog = Backlog(0, 0, 0.0)
    for waiting, done, now in looks:
        backlog = backlog.seen(waiting, done, now)
        assert backlog.per_second >= 1.0
        assert backlog.seconds >= 0.0

"""A simulated storm: the same for the same seed, nobody is lost, and the backoff is the SDK's."""

import dataclasses
import math
import random

import pytest

from e2e.scaling.cases import EVENTS, storm_case
from e2e.scaling.constants import CALL_S
from e2e.scaling.loads import COLUMNS
from e2e.scaling.machine import Worker
from e2e.scaling.storm import Storm, simulate
from parley.client.core import Core

FREE = Storm(clients=800, gateways=4, chat_cores=1.0, gateway_s=1e-9, chat_s=1e-9)
TIGHT = Storm(clients=400, gateways=2, chat_cores=1.0, gateway_s=0.001, chat_s=0.008)


def test_the_same_seed_gives_the_same_course_and_another_one_does_not() -> None:
    assert simulate(TIGHT) == simulate(TIGHT)
    assert simulate(TIGHT).back_at != simulate(dataclasses.replace(TIGHT, seed=2)).back_at


@pytest.mark.parametrize(
    "storm", [FREE, TIGHT, dataclasses.replace(TIGHT, away_s=3.0), dataclasses.replace(TIGHT, drain_ms=5_000)]
)
def test_every_client_comes_back_once(storm: Storm) -> None:
    course = simulate(storm)
    assert len(course.back_at) == storm.clients
    assert sum(course.welcomes.values()) == storm.clients
    assert sum(course.attempts.values()) >= storm.clients
    assert sum(course.hellos.values()) == storm.clients + course.unanswered


def test_without_limits_of_capacity_they_return_evenly_over_the_first_half_second() -> None:
    """Full jitter over 500 ms: the share that is back after t is t / 500 ms."""
    course = simulate(FREE)
    for share in (0.1, 0.5, 0.9):
        assert course.share_back_at(share) == pytest.approx(0.5 * share, abs=0.035)
    assert max(course.back_at) <= 0.5
    assert set(course.attempts) == {0}


def test_while_nobody_can_be_reached_attempts_are_those_of_exponential_backoff() -> None:
    """The waits are uniform up to 0.5, 1, 2, 4 s; their sums say how often somebody has tried by then."""
    storm = dataclasses.replace(FREE, away_s=3.0)
    course, dice = simulate(storm), random.Random(7)
    waits = [[dice.random() * 0.5 * 2**attempt for attempt in range(8)] for _ in range(5_000)]
    expected = sum(_attempts(each, storm.away_s) for each in waits) / len(waits)
    assert sum(course.attempts.values()) / storm.clients == pytest.approx(expected, rel=0.06)
    assert min(course.back_at) >= storm.away_s


def _attempts(waits: list[float], away_s: float) -> int:
    at, count = 0.0, 0
    for wait in waits:
        at, count = at + wait, count + 1
        if at >= away_s:
            break
    return count


def test_work_bounds_how_quickly_they_return() -> None:
    """Chat needs 8 ms for each: 400 clients take 3.2 seconds at least, and not much more while nobody gives up."""
    course = simulate(TIGHT)
    assert 3.2 <= course.share_back_at(1.0) <= 4.0
    assert course.given_up == course.unanswered == 0


def test_chat_that_cannot_answer_in_time_works_for_nobody() -> None:
    """At a tenth of a second each, even those that chat works on at once are more than it can answer in time."""
    storm = dataclasses.replace(TIGHT, chat_s=0.1, horizon_s=60.0)
    course = simulate(storm)
    assert course.unanswered > storm.clients
    assert len(course.back_at) <= CALL_S / storm.chat_s * 1.05
    assert math.isinf(course.share_back_at(1.0))


def test_a_storm_that_is_longer_than_a_deadline_takes_as_long_as_its_work() -> None:
    """3,000 times 8 ms are 24 s, more than twice what a gateway waits: chat works only for who still waits."""
    course = simulate(dataclasses.replace(TIGHT, clients=3_000, horizon_s=60.0))
    assert len(course.back_at) == 3_000
    assert 24.0 <= course.share_back_at(1.0) <= 40.0


def test_a_paced_drain_sends_away_no_more_than_it_is_asked_to() -> None:
    storm = dataclasses.replace(FREE, clients=1_000, drain_ms=5_000, drain_per_second=200.0)
    course = simulate(storm)
    assert max(course.attempts.values()) <= 200 * 1.3
    assert max(course.back_at) == pytest.approx(5.0, abs=0.6)


def test_the_clients_of_a_simulation_are_the_sdks_own() -> None:
    core = Core("user", "device", lambda: 1.0)
    waits, now = [], 0.0
    for _ in range(8):
        core.disconnected(1006, now)
        waits.append(core.next_at() - now)
        now = core.next_at()
        core.tick(now)
    assert waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("event", EVENTS)
def test_a_case_is_a_part_of_the_whole_with_nobody_forgotten(column: object, event: str) -> None:
    case = storm_case(column.load, event)  # type: ignore[attr-defined, arg-type]
    assert 0 < case.share <= 1
    assert case.storm.clients == pytest.approx(case.lost * case.share, abs=1)
    assert 0 < case.storm.gateway_spare <= 1
    assert 0 < case.storm.chat_spare <= 1


def test_a_worker_without_any_speed_is_refused() -> None:
    with pytest.raises(ValueError, match="never finish"):
        Worker(None, 0.0)  # type: ignore[arg-type]

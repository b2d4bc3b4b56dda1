"""Hot groups and a lost zone: what is put in comes out, and capacity alone decides how late."""

import dataclasses

import pytest

from e2e.scaling import hot_group, lost_zone
from e2e.scaling.constants import CONSUMER_SESSION_S

GROUP = hot_group.Group(
    members=100,
    gateways=4,
    per_second=10,
    seconds=5.0,
    chat_s=0.001,
    sequencer_s=0.002,
    fanout_s=0.010,
    delivery_s=0.0001,
    unloaded_s=0.005,
)
LOSS = lost_zone.ZoneLoss(per_second=1_000.0, capacity=2_000.0, seconds=60.0, messages=3_000)


def test_a_message_that_waits_for_nobody_takes_what_its_work_takes() -> None:
    heard = hot_group.simulate(GROUP)
    alone = 0.001 + 0.002 + 0.010 + 25 * 0.0001 + 0.005
    assert heard.last_member(0.99) == pytest.approx(alone)
    assert heard.percentile(0.5) <= alone
    assert heard.backlog == 0
    assert len(heard.last) == 50


def test_more_messages_are_never_delivered_sooner_and_beyond_one_fanout_they_pile_up() -> None:
    found = [hot_group.simulate(dataclasses.replace(GROUP, per_second=rate)) for rate in (10, 50, 95, 150)]
    late = [heard.last_member(0.99) for heard in found]
    assert late == sorted(late)
    assert [heard.backlog <= 2 for heard in found] == [True, True, True, False]
    assert found[-1].backlog == pytest.approx((150 - 100) * GROUP.seconds, abs=5)


def test_on_shared_cores_the_same_takes_longer() -> None:
    alone = hot_group.simulate(dataclasses.replace(GROUP, per_second=60))
    shared = hot_group.simulate(dataclasses.replace(GROUP, per_second=60, machine_cores=1, beside_s=0.004))
    assert shared.last_member(0.9) > alone.last_member(0.9)


def test_every_message_gets_its_place_in_spite_of_a_lost_zone() -> None:
    found = lost_zone.simulate(LOSS)
    assert found.sent == LOSS.messages == len(found.ordered)
    assert found == lost_zone.simulate(LOSS)


def test_what_waits_is_what_came_while_nobody_read_and_drains_with_what_is_left() -> None:
    unlimited = dataclasses.replace(LOSS, lag_limit_s=1e9, election_s=0.0)
    found = lost_zone.simulate(unlimited)
    assert found.most_waiting == pytest.approx(1_000 * lost_zone.LOST * CONSUMER_SESSION_S, rel=0.15)
    assert found.refusals == 0
    drained = CONSUMER_SESSION_S + found.most_waiting / (2_000 * (1 - lost_zone.LOST) * lost_zone.LOST - 1_000 / 3)
    assert found.drained_at <= drained + 1


def test_chat_refuses_once_too_much_waits_and_people_come_again() -> None:
    large = lost_zone.simulate(dataclasses.replace(LOSS, per_second=60_000.0, capacity=120_000.0, election_s=0.0))
    assert large.refusals == 0
    strict = lost_zone.simulate(dataclasses.replace(LOSS, election_s=0.0, lag_limit_s=2.0))
    assert strict.refusals > 0
    assert len(strict.ordered) == strict.sent


def test_less_capacity_never_drains_sooner() -> None:
    found = [
        lost_zone.simulate(dataclasses.replace(LOSS, capacity=capacity)) for capacity in (4_000.0, 2_000.0, 1_600.0)
    ]
    assert [each.drained_at for each in found] == sorted(each.drained_at for each in found)

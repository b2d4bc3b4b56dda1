"""A run with a fault does not count: each kind of fault is planted once, and found."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.bench.contract import Direct, Group, Place
from e2e.bench.generator.keys import Key
from e2e.bench.generator.tally import NOTHING_BESIDES, Report, Seen, Tally, Watch
from e2e.bench.generator.verdict import judge, outcome_of

PAIR = Direct.of("ann", "bob")
ROOM = Group("room")
GROUPS = {"room": ("ann", "bob", "cid", "dan")}


def said(stream: str, number: int) -> Key:
    return Key("p1", stream, number, 0)


def report(
    place: Place,
    sent: int,
    arrivals: dict[str, Sequence[int]],
    waiting: Sequence[int] = (),
    refused: Sequence[int] = (),
) -> Report:
    """Ann sends so many, all but some are accepted, and everybody sees them in this order."""
    tally = Tally(NOTHING_BESIDES)
    for number in range(sent):
        tally.sends("ann.0", place)
        if number in refused:
            tally.refuses(said("ann.0", number), "no")
        elif number not in waiting:
            tally.accepts(said("ann.0", number))
    for user, numbers in arrivals.items():
        for number in numbers:
            tally.receives(user, place, said("ann.0", number))
    return tally.finish()


def test_what_everybody_got_once_and_in_order_has_no_fault() -> None:
    verdict = judge([report(ROOM, 3, {"bob": [0, 1, 2], "cid": [0, 1, 2], "dan": [0, 1, 2]})], GROUPS)
    assert verdict.faults == ()
    assert (verdict.sent, verdict.acknowledged, verdict.delivered) == (3, 3, 9)


@pytest.mark.parametrize(
    ("arrivals", "fault"),
    [
        ({"bob": [0, 1]}, "1 lost"),
        ({"bob": [0, 2]}, "1 lost"),
        ({}, "3 lost"),
        ({"bob": [0, 1, 1, 2]}, "1 doubled"),
        ({"bob": [0, 1, 2, 0]}, "1 doubled"),
        ({"bob": [1, 0, 2]}, "1 out of order"),
    ],
)
def test_a_fault_of_a_pair_is_named(arrivals: dict[str, Sequence[int]], fault: str) -> None:
    assert judge([report(PAIR, 3, arrivals)], {}).faults == (fault,)


def test_a_member_who_got_nothing_of_a_group_lost_all_of_it() -> None:
    assert judge([report(ROOM, 3, {"bob": [0, 1, 2], "cid": [0, 1, 2]})], GROUPS).lost == 3


def test_what_was_not_accepted_is_not_lost() -> None:
    verdict = judge([report(PAIR, 4, {"bob": [0]}, waiting=[3], refused=[1, 2])], {})
    assert verdict.faults == ()
    assert verdict.acknowledged == 1
    assert verdict.refusals == {"no": 2}


def test_members_who_saw_two_senders_in_different_orders_are_found() -> None:
    tally = Tally(NOTHING_BESIDES)
    for stream in ("ann.0", "bob.0"):
        tally.sends(stream, ROOM)
        tally.accepts(said(stream, 0))
    tally.receives("ann", ROOM, said("bob.0", 0))
    tally.receives("bob", ROOM, said("ann.0", 0))
    for user, order in (("cid", ("ann.0", "bob.0")), ("dan", ("bob.0", "ann.0"))):
        for stream in order:
            tally.receives(user, ROOM, said(stream, 0))
    assert judge([tally.finish()], GROUPS).faults == ("1 members who saw another order",)


def test_reports_of_several_processes_are_judged_together() -> None:
    sender, receivers = report(ROOM, 2, {"bob": [0, 1]}), report(ROOM, 0, {"cid": [0, 1], "dan": [0, 1]})
    assert judge([sender, receivers], GROUPS).faults == ()
    assert judge([sender], GROUPS).lost == 4


@given(st.permutations(list(range(12))), st.lists(st.integers(min_value=0, max_value=11), max_size=6))
def test_whatever_the_order_each_message_counts_once(order: list[int], again: list[int]) -> None:
    seen = Seen()
    for number in [*order, *again]:
        seen.add(number)
    assert (seen.count, seen.missing, seen.doubled) == (12, set(), len(again))
    assert (seen.swapped == 0) == (order == sorted(order))


def test_the_time_to_the_last_member_is_that_of_the_slowest_process() -> None:
    reports = []
    for user, due in (("bob", 1_000_000), ("cid", 0)):
        tally = Tally(Watch(last_of_each=True))
        tally.receives(user, ROOM, Key("p1", "ann.0", 0, due))
        reports.append(tally.finish())
    slowest = max(age for one in reports for age in one.last_of.values())
    assert outcome_of(reports, GROUPS).to_last.count == 1
    assert outcome_of(reports, GROUPS).delivered.count == 2
    assert slowest == reports[1].last_of["ann.0-0"]


def test_the_times_of_those_who_stall_are_kept_apart() -> None:
    tally = Tally(Watch(apart=frozenset({"bob"})))
    for user in ("bob", "cid", "dan"):
        tally.receives(user, ROOM, said("ann.0", 0))
    outcome = outcome_of([tally.finish()], GROUPS)
    assert (outcome.stalled.count, outcome.delivered.count) == (1, 2)

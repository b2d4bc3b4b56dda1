"""The checker finds every kind of violation that is planted, and none in a history that keeps the promises."""

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from e2e.checker.__main__ import main
from e2e.checker.check import check
from e2e.checker.history import Acknowledged, AnyEvent, Failed, Marked, Member, Paged, Received, Sent, write_history
from e2e.checker.violations import Kind

USERS = ("ann", "bob", "cho")


def good_history(seed: int, length: int = 30) -> list[AnyEvent]:
    """Three users in one conversation, who all see everything; some attempts fail and take no seq."""
    chance = random.Random(seed)
    events: list[AnyEvent] = [Member(user, "c", 1) for user in USERS]
    seq = 0
    for number in range(length):
        user, key = chance.choice(USERS), f"k{number}"
        events.append(Sent(user, key))
        if chance.random() < 0.2:
            events.append(Failed(user, key))
            continue
        seq += 1
        events.append(Acknowledged(user, key, "c"))
        events += [Received(f"{name}/1", name, "c", seq, user, key) for name in USERS]
        events.append(Marked("ann/1", "c", "bob", seq, seq - 1, seq))
    received = [event for event in events if isinstance(event, Received) and event.user == "ann"]
    return [*events, *(Paged("ann", "c", event.seq, event.sender, event.key) for event in received)]


def all_of(events: list[AnyEvent], kind: type[Received] | type[Paged]) -> list[int]:
    return [index for index, event in enumerate(events) if isinstance(event, kind)]


def lose(events: list[AnyEvent]) -> None:
    newest = events[all_of(events, Paged)[-1]]
    assert isinstance(newest, Paged)
    for index in reversed(range(len(events))):
        event = events[index]
        if isinstance(event, Received | Paged) and event.seq == newest.seq:
            del events[index]


def double(events: list[AnyEvent]) -> None:
    last = events[all_of(events, Paged)[-1]]
    events.append(msgspec.structs.replace(last, seq=last.seq + 1))  # type: ignore[union-attr]


def deliver_twice(events: list[AnyEvent]) -> None:
    events.append(events[all_of(events, Received)[-1]])


def swap(events: list[AnyEvent]) -> None:
    mine = [index for index in all_of(events, Received) if events[index].user == "bob"]  # type: ignore[union-attr]
    events[mine[3]], events[mine[4]] = events[mine[4]], events[mine[3]]


def exchange(events: list[AnyEvent]) -> None:
    one, other = all_of(events, Paged)[2:4]
    first, second = events[one].seq, events[other].seq  # type: ignore[union-attr]
    events[one] = msgspec.structs.replace(events[one], seq=second)
    events[other] = msgspec.structs.replace(events[other], seq=first)


def tear(events: list[AnyEvent]) -> None:
    del events[all_of(events, Received)[9]]


def mark_beyond(events: list[AnyEvent]) -> None:
    events.append(Marked("ann/1", "c", "bob", 99, 99, 30))


def mark_back(events: list[AnyEvent]) -> None:
    events.append(Marked("ann/1", "c", "bob", 1, 0, 30))


def leak(events: list[AnyEvent]) -> None:
    events[2] = Member("cho", "c", 1, 5)


def invent(events: list[AnyEvent]) -> None:
    last = events[all_of(events, Paged)[-1]]
    events.append(Paged("ann", "c", last.seq + 1, "bob", "never sent"))  # type: ignore[union-attr]


@given(st.integers(0, 10_000))
def test_a_history_that_keeps_the_promises_has_no_violation(seed: int) -> None:
    assert check(good_history(seed)).violations == []


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose, Kind.LOST),
        (double, Kind.DOUBLED),
        (deliver_twice, Kind.DOUBLED),
        (swap, Kind.SWAPPED),
        (exchange, Kind.SWAPPED),
        (tear, Kind.HOLE),
        (mark_beyond, Kind.MARK),
        (mark_back, Kind.MARK),
        (leak, Kind.LEAK),
        (invent, Kind.UNKNOWN),
    ],
)
def test_a_planted_violation_is_found(plant: Callable[[list[AnyEvent]], None], kind: Kind) -> None:
    events = good_history(7)
    plant(events)
    assert kind in {violation.kind for violation in check(events).violations}


def test_the_command_reads_files_and_says_by_its_exit_code_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    write_history(good, good_history(1))
    events = good_history(1)
    lose(events)
    write_history(bad, events)
    assert main([str(good)]) == 0
    assert "0 violations" in capsys.readouterr().out
    assert main([str(bad)]) == 1
    assert "lost: " in capsys.readouterr().out
    assert main([]) == 2

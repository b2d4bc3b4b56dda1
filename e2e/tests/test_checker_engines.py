"""The checker finds what is wrong in the log and in the store themselves."""

from collections.abc import Callable

import pytest

from e2e.checker.check import check
from e2e.checker.history import Acknowledged, AnyEvent, Logged, Paged, Sent, Stored
from e2e.checker.violations import Kind


def good() -> list[AnyEvent]:
    """Five messages, each with its record and its row; a retry left a record without a row."""
    events: list[AnyEvent] = []
    for number in range(1, 6):
        key = f"k{number}"
        events += [Sent("ann", key), Acknowledged("ann", key, "c"), Logged("c", "ann", key, number * 10)]
        events += [Stored("c", number, "ann", key, number * 10), Paged("ann", "c", number, "ann", key)]
    return [*events, Logged("c", "ann", "k5", 60)]


def test_engines_that_agree_with_the_promises_have_no_violation() -> None:
    assert check(good()).violations == []


def without(kind: type, key: str) -> list[AnyEvent]:
    return [event for event in good() if not (isinstance(event, kind) and getattr(event, "key", "") == key)]


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lambda: without(Logged, "k5"), Kind.LOST),
        (lambda: without(Stored, "k5"), Kind.LOST),
        (lambda: without(Stored, "k3"), Kind.HOLE),
        (lambda: [*good(), Stored("c", 6, "ann", "k5", 60)], Kind.DOUBLED),
        (lambda: [*without(Stored, "k5"), Stored("c", 5, "ann", "k5", 5), Logged("c", "ann", "k5", 5)], Kind.SWAPPED),
        (lambda: [*good(), Stored("c", 6, "eve", "k9", 70)], Kind.UNKNOWN),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[], list[AnyEvent]], kind: Kind) -> None:
    assert kind in {violation.kind for violation in check(plant()).violations}

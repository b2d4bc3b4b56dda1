"""Conditions: what holds, since when, and why; with the aggregates that people wait for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from parley_operator.reconcile.catalogue import CONDITION_NAMES, REASON_NAMES

Truth = Literal["True", "False", "Unknown"]

_PARTS: Final = frozenset(CONDITION_NAMES) - {"Available", "Progressing", "Degraded", "UpdatePending", "Paused"}
_UNDER_WAY: Final = frozenset({"RollingOut", "Applying", "Checking", "Scaling"})
_LONGEST: Final = 8000


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition, without the time."""

    type: str
    status: Truth
    reason: str
    message: str

    def __post_init__(self) -> None:
        """Only words of the catalogue."""
        if self.type not in CONDITION_NAMES or self.reason not in REASON_NAMES:
            raise ValueError(f"{self.type}/{self.reason} is not in the catalogue")


def aggregate(parts: Sequence[Finding], *, available: bool, unavailable: str) -> list[Finding]:
    """Available, Progressing and Degraded, from the parts. `unavailable` says who has no ready pod."""
    under_way = [part for part in parts if part.type in _PARTS and part.status != "True" and part.reason in _UNDER_WAY]
    wrong = [part for part in parts if part.type in _PARTS and part.status == "False" and part.reason not in _UNDER_WAY]
    return [
        Finding("Available", "True", "AsWanted", "every component has ready pods")
        if available
        else Finding("Available", "False", "NoPods", unavailable),
        Finding("Progressing", "True", "RollingOut", _joined(under_way))
        if under_way
        else Finding("Progressing", "False", "AsWanted", "nothing is under way"),
        Finding("Degraded", "True", wrong[0].reason, _joined(wrong))
        if wrong
        else Finding("Degraded", "False", "AsWanted", "every part is as wanted"),
    ]


def _joined(parts: Iterable[Finding]) -> str:
    return "; ".join(f"{part.type}: {part.message}" for part in parts)[:_LONGEST]


def stamped(
    findings: Iterable[Finding], before: Sequence[Mapping[str, Any]], now: str, generation: int
) -> list[dict[str, Any]]:
    """As they stand in the status: the time is that of the last change of status, not of message."""
    old = {condition["type"]: condition for condition in before}
    found = []
    for finding in findings:
        previous = old.get(finding.type)
        same = previous is not None and previous["status"] == finding.status
        found.append(
            {
                "type": finding.type,
                "status": finding.status,
                "reason": finding.reason,
                "message": finding.message[:_LONGEST],
                "lastTransitionTime": previous["lastTransitionTime"] if same and previous else now,
                "observedGeneration": generation,
            }
        )
    order = {name: number for number, name in enumerate(CONDITION_NAMES)}
    return sorted(found, key=lambda condition: order[condition["type"]])

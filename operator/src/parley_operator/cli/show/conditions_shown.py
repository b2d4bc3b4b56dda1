"""Conditions sorted for a person: first what needs somebody, then what is under way, then the rest; pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley_operator.reconcile.catalogue import REASONS

Condition = Mapping[str, Any]
_GOOD_WHEN_FALSE: Final = frozenset({"Degraded", "Progressing", "UpdatePending", "Paused"})
_UNDER_WAY_REASONS: Final = frozenset({"RollingOut", "Applying", "Checking", "Scaling"})
_REPEATS: Final = frozenset({"Degraded", "Available"})
"""Conditions that only say again what others say."""
_ACTIONS: Final = {entry.name: entry.action for entry in REASONS}


def as_wanted(condition: Condition) -> bool:
    """Whether there is nothing to do."""
    return bool(condition["status"] == ("False" if condition["type"] in _GOOD_WHEN_FALSE else "True"))


def under_way(condition: Condition) -> bool:
    """Whether it is not as it should be yet, while the operator works on it."""
    works_on_it = condition["type"] == "Progressing" or condition.get("reason") in _UNDER_WAY_REASONS
    return works_on_it and not as_wanted(condition)


def needs_attention(condition: Condition) -> bool:
    """Whether it is not as it should be, and nothing under way mends it."""
    return not as_wanted(condition) and not under_way(condition)


def available(status: Mapping[str, Any]) -> bool:
    """Whether people can chat."""
    return any(each["type"] == "Available" and each["status"] == "True" for each in status.get("conditions") or ())


def first_attention(conditions: Sequence[Condition]) -> str:
    """The most telling condition in one line; empty when all is as wanted."""
    found = [each for each in conditions if needs_attention(each)]
    telling = [each for each in found if each["type"] not in _REPEATS] or found
    return f"{telling[0]['type']}: {telling[0].get('message', '')}" if telling else ""


def action(condition: Condition) -> str:
    """What to do about its reason; empty when there is nothing to say."""
    return _ACTIONS.get(condition.get("reason", ""), "")

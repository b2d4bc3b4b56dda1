"""What differs between an object as it is and as it would be, as text that people know from `diff`; pure."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import yaml

from parley_operator.cli.support.masking import LAST_APPLIED, masked

Manifest = dict[str, Any]
_OF_THE_SERVER: Final = ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")
_NOTES: Final = "parley.chat/"
"""Annotations in which the operator keeps what follows from the rest of the object."""
_WORDS: Final = {"made": "would be made", "changed": "would change", "removed": "would be removed"}


@dataclass(frozen=True, slots=True)
class Change:
    """An object that would not stay as it is."""

    kind: str
    name: str
    what: Literal["made", "changed", "removed"]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """A sentence, and the difference."""
        return "\n".join((f"{self.kind} {self.name} {_WORDS[self.what]}", *self.lines))


def change_of(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change | None:
    """The difference; None when there is none. What is not there is None."""
    cleaned = [_cleaned(each) if each is not None else None for each in (before, after)]
    if cleaned[0] == cleaned[1]:
        return None
    body = before if before is not None else after
    if body is None:
        return None
    kind, name = body["kind"], body["metadata"]["name"]
    title = f"{kind}/{name}"
    one, other = (_lines(each) for each in cleaned)
    names = (f"live/{title}" if before else "/dev/null", f"after/{title}" if after else "/dev/null")
    lines = tuple(line.rstrip("\n") for line in difflib.unified_diff(one, other, *names))
    what: Literal["made", "changed", "removed"] = "changed"
    if before is None or after is None:
        what = "made" if before is None else "removed"
    return Change(kind, name, what, lines or ("only values that are not shown here differ",))


def summary(changes: Iterable[Change]) -> str:
    """How many objects differ, in one line."""
    found = list(changes)
    counts = [
        (sum(1 for each in found if each.what == what), words)
        for what, words in (("made", "would be made"), ("changed", "would change"), ("removed", "would be removed"))
    ]
    return ", ".join(f"{count} {words}" for count, words in counts if count) or "nothing would change"


def _cleaned(body: Mapping[str, Any]) -> Manifest:
    """Without what the API server writes by itself, and without the operator's notes."""
    metadata = {key: value for key, value in body["metadata"].items() if key not in _OF_THE_SERVER}
    annotations = {
        key: value
        for key, value in (metadata.get("annotations") or {}).items()
        if key != LAST_APPLIED and not key.startswith(_NOTES)
    }
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    rest = {key: value for key, value in body.items() if key not in {"metadata", "status"}}
    return {**rest, "metadata": metadata}


def _lines(body: Manifest | None) -> list[str]:
    if body is None:
        return []
    return yaml.safe_dump(masked(body), sort_keys=True, width=120, allow_unicode=True).splitlines(keepends=True)

"""Reads `managedFields`: who owns which field of an object, and what others added to our objects."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

OURS: Final = frozenset({"parley", "parley-replicas"})
_SHORTEST: Final = 2
_OBSERVED_ROOTS: Final = ("f:spec", "f:data", "f:binaryData")
ALLOWED: Final = (
    ("spec", "replicas"),
    ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"),
)
"""The scale writer's field, and what `kubectl rollout restart` sets."""

Path = tuple[str, ...]
"""Names of fields; an entry of a list stands as the JSON of its key, with `k:` or `v:` before it."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A field inside one of our objects that somebody else owns."""

    manager: str
    path: Path

    @override
    def __str__(self) -> str:
        """For people: the manager and the path."""
        return f"{self.manager}: {readable(self.path)}"


def foreign_fields(body: Mapping[str, Any]) -> tuple[Foreign, ...]:
    """Fields in spec or data that others own, but for those that may be theirs; in a steady order."""
    entries = body.get("metadata", {}).get("managedFields") or []
    mine: set[Path] = set()
    others: list[Foreign] = []
    for entry in entries:
        if entry.get("subresource"):
            continue
        fields = entry.get("fieldsV1") or {}
        paths = [path for root in _OBSERVED_ROOTS if root in fields for path in _leaves(fields[root], (root[2:],))]
        if entry.get("manager") in OURS:
            mine.update(paths)
        else:
            others += [Foreign(entry.get("manager", "unknown"), path) for path in paths if not _allowed(path)]
    touched = {path[:length] for path in mine for length in range(1, len(path) + 1)}
    found = {Foreign(each.manager, _whole(each.path, touched)) for each in others if each.path not in touched}
    return tuple(sorted(found, key=lambda each: (each.manager, each.path)))


def _whole(path: Path, touched: set[Path]) -> Path:
    """The outermost field around it in which nothing is ours: an added container is one thing, not many fields."""
    for length in range(_SHORTEST, len(path)):
        outer = path[:length]
        if outer not in touched and not any(allowed[:length] == outer for allowed in ALLOWED):
            return outer
    return path


def _allowed(path: Path) -> bool:
    return any(path[: len(allowed)] == allowed for allowed in ALLOWED)


def _leaves(fields: Mapping[str, Any], path: Path) -> Iterator[Path]:
    """Paths of the fields that are owned themselves, not only something in them."""
    inner = {key: value for key, value in fields.items() if key != "."}
    if not inner:
        yield path
    for key, value in inner.items():
        yield from _leaves(value, (*path, key.removeprefix("f:")))


def removals(body: Mapping[str, Any], foreign: tuple[Foreign, ...]) -> list[dict[str, Any]]:
    """A JSON patch that removes these fields from the object, only while it is the one that was read."""
    pointers = {pointer for each in foreign if (pointer := _pointer(body, each.path)) is not None}
    if not pointers:
        return []
    version = body["metadata"]["resourceVersion"]
    guard = {"op": "test", "path": "/metadata/resourceVersion", "value": version}
    # What comes later in a list goes first, so that the numbers of the others stay right.
    ordered = sorted(pointers, key=_natural, reverse=True)
    return [guard, *({"op": "remove", "path": pointer} for pointer in ordered)]


def _natural(pointer: str) -> list[tuple[int, int, str]]:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in pointer.split("/")]


def _pointer(body: Mapping[str, Any], path: Path) -> str | None:
    """Where a field stands now; None when it is gone. An added entry of a list is removed as a whole."""
    here: Any = body
    pointer = ""
    for part in path:
        if isinstance(here, list):
            found = _index(here, part)
            if found is None:
                return None
            pointer, here = f"{pointer}/{found}", here[found]
        elif isinstance(here, Mapping) and part in here:
            pointer, here = f"{pointer}/{part.replace('~', '~0').replace('/', '~1')}", here[part]
        else:
            return None
    return pointer


def _index(entries: list[Any], part: str) -> int | None:
    kind, _, text = part.partition(":")
    if kind == "v":
        value = json.loads(text)
        return next((number for number, entry in enumerate(entries) if entry == value), None)
    if kind != "k":
        return None
    key = json.loads(text)
    return next(
        (
            number
            for number, entry in enumerate(entries)
            if isinstance(entry, Mapping) and all(entry.get(name) == value for name, value in key.items())
        ),
        None,
    )


def readable(path: Path) -> str:
    """A path as people write it: spec.template.spec.containers[name=gateway].image."""
    text = ""
    for part in path:
        if part.startswith("k:"):
            key = json.loads(part[2:])
            text += "[" + ",".join(f"{name}={value}" for name, value in key.items()) + "]"
        elif part.startswith("v:"):
            text += f"[{json.loads(part[2:])}]"
        else:
            text += f".{part}" if text else part
    return text

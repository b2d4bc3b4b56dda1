"""An API server in memory that keeps who owns which field, as server-side apply does."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from typing_extensions import override

from parley_operator.kube.errors import Conflict, TooMany
from parley_operator.kube.port import MANAGER, KubernetesPort
from parley_operator.kube.resources import Resource

Manifest = dict[str, Any]
Path = tuple[str, ...]
Ref = tuple[str, str]

KEYS: Final = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "port",
    "ownerReferences": "uid",
    "topologySpreadConstraints": "topologyKey",
}
_SERVERS_OWN: Final = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "managedFields",
    "deletionTimestamp",
)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every field with its path in `managedFields`' words; lists without keys are one field."""
    key = KEYS.get(path[-1].removeprefix("f:"), "") if path else ""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from leaves(each, (*path, f"f:{name}"))
    elif isinstance(value, list) and value and key and len({each.get(key) for each in value} - {None}) == len(value):
        for each in value:
            yield from leaves(each, (*path, f"k:{json.dumps({key: each[key]})}"))
    else:
        yield path, value


def _grown(fields: Mapping[Path, Any]) -> Manifest:
    """The object that has these fields."""
    root: Manifest = {}
    for path, value in fields.items():
        here: Any = root
        for part, following in zip(path, (*path[1:], ""), strict=True):
            empty: Any = [] if following.startswith("k:") else {}
            if part.startswith("k:"):
                here = _entry(here, json.loads(part[2:]))
            elif following:
                here = here.setdefault(part[2:], empty)
            else:
                here[part[2:]] = deepcopy(value)
    return root


def _entry(entries: list[Manifest], key: Manifest) -> Manifest:
    for entry in entries:
        if key.items() <= entry.items():
            return entry
    entries.append(dict(key))
    return entries[-1]


@dataclass
class Stored:
    """An object: its fields, and who owns which."""

    kind: str
    metadata: Manifest
    fields: dict[Path, Any] = field(default_factory=dict)
    owners: dict[str, set[Path]] = field(default_factory=dict)

    def body(self) -> Manifest:
        """As the server answers."""
        grown = _grown(self.fields)
        entries = [
            {"manager": manager, "operation": "Update", "fieldsV1": _tree(owned)}
            for manager, owned in self.owners.items()
            if owned
        ]
        metadata = {**grown.get("metadata", {}), **self.metadata, "managedFields": entries}
        return {**grown, "kind": self.kind, "metadata": metadata}


def _tree(owned: set[Path]) -> Manifest:
    root: Manifest = {}
    for path in sorted(owned):
        here = root
        for number, part in enumerate(path):
            here = here.setdefault(part, {})
            if part.startswith("k:") and (*path[: number + 1], f"f:{next(iter(json.loads(part[2:])))}") in owned:
                here["."] = {}
    return root


class MemoryApiServer(KubernetesPort):
    """Objects of one namespace. `news` are what watches would tell, `events` the reasons of recorded Events."""

    def __init__(self) -> None:
        """Begin empty."""
        self.objects: dict[Ref, Stored] = {}
        self.news: list[tuple[Manifest, bool]] = []
        self.events: list[str] = []
        self.removed: list[Ref] = []
        self.version = 0

    def _told(self, stored: Stored, *, deleted: bool = False) -> Manifest:
        self.version += 1
        stored.metadata["resourceVersion"] = str(self.version)
        self.news.append((stored.body(), deleted))
        return stored.body()

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        stored = self.objects.get((resource.kind, name))
        return stored.body() if stored else None

    @override
    async def list_all(self, resource: Resource, namespace: str | None, labels: str = "") -> list[Manifest]:
        return [stored.body() for (kind, _), stored in self.objects.items() if kind == resource.kind]

    @override
    async def apply(
        self, resource: Resource, manifest: Manifest, *, manager: str = MANAGER, subresource: str = ""
    ) -> Manifest:
        metadata = manifest["metadata"]
        ref = (resource.kind, metadata["name"])
        stored = self.objects.get(ref)
        if stored is None:
            made = {"name": ref[1], "namespace": metadata["namespace"], "uid": f"uid-{self.version + 1}"}
            # Servers fill in what nobody said, and nobody owns it.
            stored = self.objects[ref] = Stored(ref[0], made, {("f:spec", "f:filledIn"): True})
        before = (dict(stored.fields), deepcopy(stored.owners))
        wanted = dict(leaves(_content(manifest)))
        for path, value in wanted.items():
            if path not in stored.fields or stored.fields[path] != value:
                for length in range(1, len(path)):
                    stored.fields.pop(path[:length], None)  # it was empty, and is not any more
                self._lose(stored, {path})
                stored.fields[path] = value
        gone = stored.owners.get(manager, set()) - set(wanted)
        stored.owners[manager] = set(wanted)
        for path in gone:
            if not any(path in owned for owned in stored.owners.values()):
                del stored.fields[path]
        return stored.body() if before == (stored.fields, stored.owners) else self._told(stored)

    @staticmethod
    def _lose(stored: Stored, paths: set[Path]) -> None:
        for owned in stored.owners.values():
            owned.difference_update(paths)

    def change(self, ref: Ref, manager: str, edit: Callable[[Manifest], None]) -> None:
        """Somebody edits an object: what differs afterwards is his."""
        stored = self.objects[ref]
        body = stored.body()
        edit(body)
        after = dict(leaves(_content(body)))
        changed = {path for path, value in after.items() if path not in stored.fields or stored.fields[path] != value}
        self._lose(stored, changed | (set(stored.fields) - set(after)))
        stored.owners.setdefault(manager, set()).update(changed)
        if "deletionTimestamp" in body["metadata"]:
            stored.metadata["deletionTimestamp"] = body["metadata"]["deletionTimestamp"]
        stored.fields = after
        self._told(stored)

    @override
    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        assert resource.kind == "Event"
        self.events.append(f"{manifest['reason']}: {manifest['message']}")
        return manifest

    @override
    async def replace(self, resource: Resource, manifest: Manifest) -> Manifest:
        raise NotImplementedError

    @override
    async def patch(self, resource: Resource, namespace: str, name: str, patch: list[Manifest] | Manifest) -> Manifest:
        if isinstance(patch, dict):
            return patch
        ref = (resource.kind, name)
        guard, *removals = patch
        if guard["value"] != self.objects[ref].metadata["resourceVersion"]:
            raise Conflict(409, "PATCH", "it is another version")
        self.change(ref, MANAGER, lambda body: _remove(body, removals))
        return self.objects[ref].body()

    @override
    async def delete(self, resource: Resource, namespace: str, name: str, uid: str | None = None) -> None:
        ref = (resource.kind, name)
        stored = self.objects.get(ref)
        if stored is not None and uid in {None, stored.metadata["uid"]}:
            self.removed.append(ref)
            self._told(self.objects.pop(ref), deleted=True)

    @override
    async def evict(self, namespace: str, pod: str, uid: str) -> None:
        raise TooMany(429, "POST", "not here")

    @override
    async def served(self, api_version: str) -> bool:
        return True


def _content(body: Mapping[str, Any]) -> Manifest:
    metadata = {key: value for key, value in body["metadata"].items() if key not in _SERVERS_OWN}
    rest = {key: value for key, value in body.items() if key not in {"apiVersion", "kind", "metadata", "status"}}
    return {"metadata": metadata, **rest}


def _remove(body: Manifest, removals: list[Manifest]) -> None:
    """What a JSON patch does that only removes."""
    for removal in removals:
        assert removal["op"] == "remove"
        here: Any = body
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in removal["path"].split("/")[1:]]
        for part in parents:
            here = here[int(part) if isinstance(here, list) else part]
        del here[int(last) if isinstance(here, list) else last]

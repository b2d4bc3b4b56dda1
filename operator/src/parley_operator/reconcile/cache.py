"""What the watches have shown, by ChatCluster; the reconciler reads it instead of asking the API server."""

from collections.abc import Mapping
from typing import Any, Final

from parley_operator.desired.names import INSTANCE
from parley_operator.kube.versions import newer
from parley_operator.reconcile.child_state import ChildState, Ref, child_state
from parley_operator.reconcile.queue import Key

_NONE: Final[Mapping[Ref, ChildState]] = {}
_REMEMBERED: Final = 1000
"""Objects that are gone and of which a late answer may still tell; one that lost our labels only comes back newer."""


class ChildCache:
    """Objects by ChatCluster. What is newer stays, whatever arrives later."""

    def __init__(self) -> None:
        """Begin empty."""
        self._children: dict[Key, dict[Ref, ChildState]] = {}
        self._revisions: dict[Key, int] = {}
        self._gone: dict[str, str] = {}

    def of(self, key: Key) -> Mapping[Ref, ChildState]:
        """The objects of a ChatCluster."""
        return self._children.get(key, _NONE)

    def revision(self, key: Key) -> int:
        """Another number whenever anything became known of the objects of a ChatCluster."""
        return self._revisions.get(key, 0)

    def update(self, body: Mapping[str, Any], *, deleted: bool = False) -> Key | None:
        """Take an object in, or out when it was deleted. Returns whose it is when something of it changed."""
        key = owner_key(body)
        if key is None:
            return None
        state = child_state(body)
        children = self._children.setdefault(key, {})
        known = children.get(state.ref)
        if deleted:
            self._bury(state.uid, state.resource_version)
            # A late word of an object that was made anew since says nothing about the new one.
            return key if self.drop(key, state.ref, state.uid) else None
        if state.uid in self._gone and not newer(state.resource_version, self._gone[state.uid]):
            return None
        if known is not None and known.uid == state.uid and not newer(state.resource_version, known.resource_version):
            return None
        if known is not None and known.uid != state.uid:
            self._bury(known.uid, state.resource_version)
        children[state.ref] = state
        self._revisions[key] = self.revision(key) + 1
        return key if known is None or _differs(known, state) else None

    def of_kind(self, kind: str, namespace: str | None) -> dict[tuple[Key, Ref], ChildState]:
        """The objects of one kind, of all ChatClusters in a namespace or everywhere."""
        return {
            (key, ref): state
            for key, children in self._children.items()
            if namespace in {None, key[0]}
            for ref, state in children.items()
            if ref[0] == kind
        }

    def drop(self, key: Key, ref: Ref, uid: str) -> bool:
        """The object is gone. Returns whether it was known; another one of its name stays."""
        known = self.of(key).get(ref)
        if known is None or known.uid != uid:
            return False
        del self._children[key][ref]
        self._revisions[key] = self.revision(key) + 1
        return True

    def forget(self, key: Key) -> None:
        """The ChatCluster is gone, and its objects with it."""
        self._children.pop(key, None)
        self._revisions.pop(key, None)

    def _bury(self, uid: str, version: str) -> None:
        self._gone[uid] = version
        if len(self._gone) > _REMEMBERED:
            del self._gone[next(iter(self._gone))]


def owner_key(body: Mapping[str, Any]) -> Key | None:
    """Namespace and name of the ChatCluster that an object belongs to, by its label."""
    metadata = body["metadata"]
    instance = (metadata.get("labels") or {}).get(INSTANCE)
    return (metadata.get("namespace", ""), instance) if instance else None


def _differs(known: ChildState, state: ChildState) -> bool:
    """Whether anything changed that a decision depends on."""
    return (
        known.uid != state.uid
        or known.fingerprint != state.fingerprint
        or known.foreign != state.foreign
        or known.replicas != state.replicas
        or known.deleting != state.deleting
        or known.status != state.status
        or known.labels != state.labels
    )

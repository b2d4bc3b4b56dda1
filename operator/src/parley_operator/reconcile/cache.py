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
        self._seen_at: dict[tuple[Key, Ref], float] = {}
        self._gone: dict[str, str] = {}

    def of(self, key: Key) -> Mapping[Ref, ChildState]:
        """The objects of a ChatCluster."""
        return self._children.get(key, _NONE)

    def update(self, body: Mapping[str, Any], now: float, *, deleted: bool = False) -> Key | None:
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
            if known is not None and known.uid == state.uid:
                self._drop(key, state.ref)
                return key
            return None
        if state.uid in self._gone and not newer(state.resource_version, self._gone[state.uid]):
            return None
        self._seen_at[key, state.ref] = now
        if known is not None and known.uid == state.uid and not newer(state.resource_version, known.resource_version):
            return None
        if known is not None and known.uid != state.uid:
            self._bury(known.uid, state.resource_version)
        children[state.ref] = state
        return key if known is None or _differs(known, state) else None

    def missing_since(self, key: Key, limit: float) -> list[ChildState]:
        """Objects of which the watches said nothing since then: they may be gone without a word."""
        return [state for ref, state in self.of(key).items() if self._seen_at.get((key, ref), 0.0) < limit]

    def confirm(self, key: Key, ref: Ref, now: float) -> None:
        """The object is still there."""
        self._seen_at[key, ref] = now

    def drop(self, key: Key, ref: Ref) -> None:
        """The object is gone."""
        if ref in self.of(key):
            self._drop(key, ref)

    def forget(self, key: Key) -> None:
        """The ChatCluster is gone, and its objects with it."""
        for ref in list(self.of(key)):
            self._drop(key, ref)
        self._children.pop(key, None)

    def _bury(self, uid: str, version: str) -> None:
        self._gone[uid] = version
        if len(self._gone) > _REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def _drop(self, key: Key, ref: Ref) -> None:
        self._children[key].pop(ref, None)
        self._seen_at.pop((key, ref), None)


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

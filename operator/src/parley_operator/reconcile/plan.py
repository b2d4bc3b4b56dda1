"""From what is wanted and what is there to what is to be done; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley_operator.desired.digest import digest
from parley_operator.desired.names import MANAGED_BY, MANAGER
from parley_operator.model.chat_cluster import KIND
from parley_operator.reconcile.child_state import ChildState, Ref

Manifest = dict[str, Any]

_AUTOSCALERS: Final = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied last, and the fingerprint that the object had afterwards."""

    wanted: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An object to apply. `drift` is what was seen of it when somebody else changed it since; None otherwise."""

    manifest: Manifest
    why: str
    drift: ChildState | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """An object that is not wanted any more."""

    state: ChildState


@dataclass(frozen=True, slots=True)
class Clean:
    """An object in which somebody else added something."""

    state: ChildState


Step = Apply | Remove | Clean


def reference(manifest: Manifest) -> Ref:
    """Kind and name of an object."""
    return manifest["kind"], manifest["metadata"]["name"]


def plan(wanted: Sequence[Manifest], seen: Mapping[Ref, ChildState], applied: Mapping[Ref, Applied]) -> list[Step]:
    """Apply what is missing or differs, clean what others added to, remove what is ours and not wanted any more.

    An object is left alone when what is wanted is what was applied last and nothing of it changed since.
    """
    steps: list[Step] = []
    for manifest in wanted:
        ref = reference(manifest)
        step = _apply(manifest, seen.get(ref), applied.get(ref))
        if step:
            steps.append(step)
        state = seen.get(ref)
        if state and state.foreign and not state.deleting:
            steps.append(Clean(state))
    return [*_removals(wanted, seen.values()), *steps]


def _apply(manifest: Manifest, state: ChildState | None, before: Applied | None) -> Apply | None:
    if state is None:
        return Apply(manifest, "created" if before is None else "deleted by somebody else")
    if state.deleting:
        return None  # it is applied again when it is gone
    if before is None or before.wanted != digest(manifest):
        return Apply(manifest, "changed")
    if before.fingerprint != state.fingerprint:
        return Apply(manifest, "changed by somebody else", drift=state)
    return None


def _removals(wanted: Sequence[Manifest], seen: Iterable[ChildState]) -> list[Remove]:
    """Autoscalers go before everything else: two on one workload would stop each other."""
    kept = {reference(manifest) for manifest in wanted}
    gone = [
        Remove(state)
        for state in seen
        if state.ref not in kept
        and state.ref[0] != "Pod"
        and state.labels.get(MANAGER) == MANAGED_BY
        and state.controller in {KIND, ""}
        and not state.deleting
    ]
    return sorted(gone, key=lambda step: (step.state.ref[0] not in _AUTOSCALERS, step.state.ref))

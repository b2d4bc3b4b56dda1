"""What is remembered of each object that a ChatCluster consists of: little, since there are many."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from parley_operator.reconcile.managed_fields import ALLOWED, OURS, Foreign, Path, foreign_fields

Ref = tuple[str, str]
"""Kind and name; the namespace is the ChatCluster's."""

_CONTENT: Final = ("spec", "data", "binaryData", "automountServiceAccountToken")
_KEPT_STATUS: Final = (
    "replicas",
    "readyReplicas",
    "updatedReplicas",
    "availableReplicas",
    "observedGeneration",
    "updateRevision",
    "conditions",
    "phase",
    "podIP",
    "containerStatuses",
)
_REVISION: Final = "controller-revision-hash"


@dataclass(frozen=True, slots=True)
class ChildState:
    """An object as it was seen last. `fingerprint` changes when anybody changes something that is ours to say.

    `controller` is the kind of the object that it belongs to; others copy our labels to what they make for us.
    """

    ref: Ref
    uid: str
    resource_version: str
    generation: int
    fingerprint: str
    foreign: tuple[Foreign, ...]
    writers: tuple[str, ...]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    replicas: int | None
    status: Mapping[str, Any]
    deleting: bool
    created: str = ""
    image: str = ""
    controller: str = ""

    @property
    def revision(self) -> str:
        """Of a pod: the revision that it runs."""
        return self.labels.get(_REVISION, "")

    @property
    def ready(self) -> bool:
        """Of a pod: whether it is ready and stays."""
        return not self.deleting and condition(self.status, "Ready") == "True"


def child_state(body: Mapping[str, Any]) -> ChildState:
    """What is remembered of an object."""
    metadata = body["metadata"]
    spec = body.get("spec") or {}
    workload = body["kind"] in {"StatefulSet", "Deployment"}
    containers = spec.get("containers") or (spec.get("template") or {}).get("spec", {}).get("containers") or [{}]
    return ChildState(
        ref=(body["kind"], metadata["name"]),
        uid=metadata.get("uid", ""),
        resource_version=metadata.get("resourceVersion", ""),
        generation=metadata.get("generation") or 0,
        fingerprint="" if body["kind"] == "Pod" else _fingerprint(body),
        foreign=() if body["kind"] == "Pod" else foreign_fields(body),
        writers=_writers(metadata),
        labels=dict(metadata.get("labels") or {}),
        annotations={
            key: value for key, value in (metadata.get("annotations") or {}).items() if key.startswith("parley.chat/")
        },
        replicas=spec.get("replicas") if workload else None,
        status={key: value for key, value in (body.get("status") or {}).items() if key in _KEPT_STATUS},
        deleting="deletionTimestamp" in metadata,
        created=metadata.get("creationTimestamp") or "",
        image=str(containers[0].get("image", "")),
        controller=next((each["kind"] for each in metadata.get("ownerReferences") or () if each.get("controller")), ""),
    )


def condition(status: Mapping[str, Any], kind: str) -> str:
    """The status of a condition; empty when there is none."""
    return next((each["status"] for each in status.get("conditions") or () if each["type"] == kind), "")


def _writers(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Managers that changed the object itself, the latest last."""
    entries = [entry for entry in metadata.get("managedFields") or [] if not entry.get("subresource")]
    ordered = sorted(entries, key=lambda entry: entry.get("time") or "")
    return tuple(dict.fromkeys(entry.get("manager", "unknown") for entry in ordered))


def _fingerprint(body: Mapping[str, Any]) -> str:
    """Content and owners without what others may change, and those labels and annotations that are ours."""
    metadata = body["metadata"]
    content: Mapping[str, Any] = {key: body[key] for key in _CONTENT if key in body}
    for path in ALLOWED:
        content = _without(content, path)
    named = [_ours(metadata, field) for field in ("labels", "annotations")]
    text = json.dumps([named, metadata.get("ownerReferences"), content], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _ours(metadata: Mapping[str, Any], field: str) -> dict[str, str]:
    """Labels or annotations that we own; controllers of all kinds write others beside them."""
    entries = [entry for entry in metadata.get("managedFields") or () if entry.get("manager") in OURS]
    owned = {key for entry in entries for key in entry.get("fieldsV1", {}).get("f:metadata", {}).get(f"f:{field}", {})}
    return {key: value for key, value in (metadata.get(field) or {}).items() if f"f:{key}" in owned}


def _without(value: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """A copy in which a field is missing."""
    head, rest = path[0], path[1:]
    if head not in value:
        return value
    if rest:
        return {**value, head: _without(value[head] or {}, rest)}
    return {key: each for key, each in value.items() if key != head}

"""What the operator adds to desired objects from those that are there, as far as `diff` can know it; pure."""

from collections.abc import Mapping
from typing import Any, Final

from parley_operator.desired.autoscalers import scaled_by_others
from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import Inputs
from parley_operator.desired.names import COMPONENT, SECRETS_CHECKSUM, TEMPLATE_HASH
from parley_operator.desired.sizing import bounds, wanted_replicas
from parley_operator.reconcile.gateways import REFUSED_TEMPLATE, STABLE_REVISION
from parley_operator.reconcile.updates import GENERATION, OPERATOR

Manifest = dict[str, Any]
_WORKLOADS: Final = frozenset({"StatefulSet", "Deployment"})


def adjusted(manifest: Manifest, live: Mapping[str, Any] | None) -> Manifest:
    """The manifest as the operator would apply it.

    Hashes of Secrets are taken from the live object, since applying a ChatCluster changes no Secret.
    """
    if live is None or manifest["kind"] not in _WORKLOADS:
        return manifest
    template = manifest["spec"]["template"]
    known = (live["spec"]["template"]["metadata"].get("annotations") or {}).get(SECRETS_CHECKSUM)
    if known:
        metadata = template["metadata"]
        annotations = {**metadata["annotations"], SECRETS_CHECKSUM: known}
        template = {**template, "metadata": {**metadata, "annotations": annotations}}
    made = {**manifest, "spec": {**manifest["spec"], "template": template}}
    notes = {key: value for key, value in _annotations(live).items() if key in {GENERATION, OPERATOR}}
    made = _annotated(made, {**notes, TEMPLATE_HASH: digest(template)})
    return _gateway(made, live) if manifest["kind"] == "StatefulSet" else made


def waiting(manifest: Mapping[str, Any], live: Mapping[str, Any], generation: int | None) -> bool:
    """Whether an operator that was updated leaves the pods alone, since the spec is still of this generation.

    `generation` is None when the spec changes: then nothing waits.
    """
    if generation is None or manifest["kind"] not in _WORKLOADS:
        return False
    noted = _annotations(live)
    wanted = _annotations(manifest).get(TEMPLATE_HASH)
    return OPERATOR in noted and noted.get(GENERATION) == str(generation) and noted.get(TEMPLATE_HASH) != wanted


def refused(manifest: Mapping[str, Any], live: Mapping[str, Any] | None) -> bool:
    """Whether the operator found that this template does not work, and keeps the one before."""
    wanted = (manifest["metadata"].get("annotations") or {}).get(TEMPLATE_HASH)
    return live is not None and wanted is not None and _annotations(live).get(REFUSED_TEMPLATE) == wanted


def _gateway(manifest: Manifest, live: Mapping[str, Any]) -> Manifest:
    """With the operator's own notes, and with the earlier template when this one was refused."""
    kept = {key: value for key, value in _annotations(live).items() if key == STABLE_REVISION}
    made = _annotated(manifest, kept)
    if not refused(made, live):
        return made
    made = _annotated(made, {REFUSED_TEMPLATE: _annotations(made)[TEMPLATE_HASH]})
    return {**made, "spec": {**made["spec"], "template": live["spec"]["template"]}}


def _annotations(body: Mapping[str, Any]) -> Mapping[str, str]:
    return body["metadata"].get("annotations") or {}


def _annotated(manifest: Manifest, annotations: Mapping[str, str]) -> Manifest:
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "annotations": {**_annotations(manifest), **annotations}}}


def with_replicas(applied: Manifest, inputs: Inputs, live: Mapping[str, Any] | None) -> Manifest:
    """A workload with the number of pods that the operator would walk to; that of others stays."""
    role = (applied["metadata"].get("labels") or {}).get(COMPONENT, "")
    if applied["kind"] not in _WORKLOADS or not role:
        return applied
    count = _wanted(inputs, role, live["spec"].get("replicas") if live else None)
    return applied if count is None else {**applied, "spec": {**applied["spec"], "replicas": count}}


def _wanted(inputs: Inputs, role: str, live: int | None) -> int | None:
    autoscaling = inputs.spec.component(role).autoscaling
    least, most = bounds(inputs.spec, role)
    if scaled_by_others(inputs, role):
        return least if live is None else None
    if autoscaling is not None and autoscaling.mode == "operator" and live is not None:
        return min(max(live, least), most)
    return wanted_replicas(inputs.spec, role)

"""An update of the operator restarts nobody's pods by itself: what it would change in them waits for the next spec.

Each workload carries the generation and the operator's version that its pods' template was made for.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.names import COMPONENT, SECRETS_CHECKSUM, TEMPLATE_HASH
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import DEPLOYMENTS, STATEFUL_SETS
from parley_operator.reconcile.child_state import ChildState, Ref
from parley_operator.reconcile.plan import reference

GENERATION: Final = "parley.chat/generation"
OPERATOR: Final = "parley.chat/operator-version"
_WORKLOADS: Final = {"StatefulSet": STATEFUL_SETS, "Deployment": DEPLOYMENTS}


async def held_back(
    kube: KubernetesPort,
    inputs: Inputs,
    generation: int,
    version: str,
    wanted: Sequence[Manifest],
    seen: Mapping[Ref, ChildState],
) -> tuple[list[Manifest], list[str]]:
    """The objects to apply, with the pods as they are where an update must wait; and the components that wait."""
    found, waiting = [], []
    for manifest in wanted:
        if manifest["kind"] not in _WORKLOADS:
            found.append(manifest)
            continue
        fresh = _noted(manifest, generation, version)
        state = seen.get(reference(manifest))
        if state is None or not waits(fresh, state.annotations, auto=inputs.spec.update_policy == "Auto"):
            found.append(fresh)
            continue
        live = await kube.get(_WORKLOADS[manifest["kind"]], inputs.namespace, manifest["metadata"]["name"])
        if live is None:
            found.append(fresh)
            continue
        found.append(as_it_runs(fresh, live))
        waiting.append(manifest["metadata"]["labels"][COMPONENT])
    return found, waiting


def waits(fresh: Manifest, held: Mapping[str, str], *, auto: bool) -> bool:
    """Whether the pods would only change because the operator did: same generation of the spec, another version."""
    noted = fresh["metadata"]["annotations"]
    return (
        not auto
        and held.get(OPERATOR, noted[OPERATOR]) != noted[OPERATOR]
        and held.get(GENERATION) == noted[GENERATION]
        and held.get(TEMPLATE_HASH) != noted[TEMPLATE_HASH]
    )


def as_it_runs(fresh: Manifest, live: Mapping[str, Any]) -> Manifest:
    """The workload with the template that runs; only a changed Secret reaches the pods all the same."""
    template = live["spec"]["template"]
    secrets = fresh["spec"]["template"]["metadata"]["annotations"][SECRETS_CHECKSUM]
    annotations = {**(template["metadata"].get("annotations") or {}), SECRETS_CHECKSUM: secrets}
    kept = {**template, "metadata": {"labels": template["metadata"]["labels"], "annotations": annotations}}
    held = live["metadata"].get("annotations") or {}
    notes = {key: held[key] for key in (GENERATION, OPERATOR, TEMPLATE_HASH) if key in held}
    metadata = {**fresh["metadata"], "annotations": {**fresh["metadata"]["annotations"], **notes}}
    return {**fresh, "metadata": metadata, "spec": {**fresh["spec"], "template": kept}}


def _noted(manifest: Manifest, generation: int, version: str) -> Manifest:
    notes = {
        TEMPLATE_HASH: digest(manifest["spec"]["template"]),
        GENERATION: str(generation),
        OPERATOR: version,
    }
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), **notes}}}

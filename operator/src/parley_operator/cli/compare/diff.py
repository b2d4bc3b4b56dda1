"""`diff`: what applying a ChatCluster would change of its objects, as the API server itself would change them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TextIO

import click

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.compare.adjusting import adjusted, refused, waiting, with_replicas
from parley_operator.cli.compare.comparing import Change, change_of, summary
from parley_operator.cli.compare.documents import BadInputError, ClusterDocument
from parley_operator.cli.compare.render import default_image, inputs_of, objects_of, read
from parley_operator.cli.connection import connected
from parley_operator.cli.failures import CommandError, note
from parley_operator.cli.show.chat_clusters import find_cluster
from parley_operator.cli.show.installed import OperatorInstalled, installed_operator
from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs
from parley_operator.desired.names import INSTANCE, OURS
from parley_operator.kube.errors import KubeError, NotFound
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import CHILDREN, NAMESPACES, resource_of
from parley_operator.model.chat_cluster import API_VERSION, KIND
from parley_operator.reconcile.updates import as_it_runs

_AT_ONCE: Final = 8
_FORBIDDEN: Final = 403
_REFUSED: Final = frozenset({400, 422})


@dataclass(slots=True)
class Differences:
    """What would change, and what a person should know beside it."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def run_diff(
    file: TextIO,
    namespace: str | None,
    kubeconfig: str | None,
    context: str | None,
    operator_namespace: str,
    image: str | None,
) -> int:
    """Print the differences; returns the exit code, as `diff` has it."""
    async with connected(kubeconfig, context) as connection:
        documents = read(file, namespace, connection.namespace)
        found = [await differences(connection.client, each, image, operator_namespace) for each in documents.clusters]
    for text in dict.fromkeys((*documents.others, *(text for each in found for text in each.notes))):
        note(text)
    changes = [change for each in found for change in each.changes]
    for change in changes:
        click.echo(f"{change.text}\n")
    click.echo(summary(changes), err=True)
    return 1 if changes else 0


async def differences(
    cluster: Cluster, document: ClusterDocument, image: str | None, operator_namespace: str
) -> Differences:
    """Compare what is with what would be. Secrets are not read, and nothing is changed."""
    found = Differences()
    live = await find_cluster(cluster, document.namespace, document.name)
    checked = await _check(cluster, document, found, there=live is not None)
    inputs = await _inputs(cluster, document, live, image, operator_namespace, found)
    if document.spec.paused:
        found.notes.append("spec.paused is true: the operator changes nothing until it is false")
    generation = _generation_that_stays(live, checked)
    wanted = objects_of(inputs)
    existing = await _existing(cluster, document, wanted)
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(manifest: Manifest) -> Change | None:
        before = existing[_key(manifest)]
        shown = adjusted(manifest, before)
        name = shown["metadata"]["name"]
        if before is not None and inputs.spec.update_policy != "Auto" and waiting(shown, before, generation):
            shown = as_it_runs(shown, before)
            found.notes.append(f"pods of {name} stay as they are until the spec changes, or updatePolicy is Auto")
        if refused(shown, before):
            found.notes.append(f"pods of {name} as wanted did not work before: the earlier stay")
        async with limit:
            after = await _applied(cluster, shown)
        return change_of(before, with_replicas(after if before else shown, inputs, before))

    changes = await asyncio.gather(*(one(each) for each in wanted))
    found.changes = [each for each in (*changes, *_removed(wanted, existing.values())) if each is not None]
    return found


def _generation_that_stays(live: Mapping[str, Any] | None, checked: Mapping[str, Any]) -> int | None:
    """The generation of a ChatCluster whose spec would not change; None when it would, or that is not known."""
    before = live["metadata"].get("generation") if live else None
    return before if before == checked.get("metadata", {}).get("generation") else None


async def _check(cluster: Cluster, document: ClusterDocument, found: Differences, *, there: bool) -> Manifest:
    """Have the API server look at the ChatCluster itself: it also knows what may not change."""
    metadata = {"name": document.name, "namespace": document.namespace}
    body = {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": document.body["spec"]}
    try:
        return await cluster.checked(body, there=there)
    except NotFound:
        raise CommandError(await _missing(cluster, document)) from None
    except KubeError as error:
        if error.status in _REFUSED:
            raise BadInputError(f"the API server refuses {KIND} {document.name}: {error.message}") from None
        if error.status != _FORBIDDEN:
            raise
        found.notes.append(f"the ChatCluster itself could not be checked by the API server: {error.message}")
    return {}


async def _missing(cluster: Cluster, document: ClusterDocument) -> str:
    if await cluster.get(NAMESPACES, None, document.namespace) is None:
        return f"there is no namespace {document.namespace}: `kubectl create namespace {document.namespace}` makes it"
    return f"{KIND} {document.name} was deleted just now: try again"


async def _inputs(
    cluster: Cluster,
    document: ClusterDocument,
    live: Mapping[str, Any] | None,
    image: str | None,
    operator_namespace: str,
    found: Differences,
) -> Inputs:
    operator = OperatorInstalled(image or "", "") if image else await installed_operator(cluster, operator_namespace)
    if operator is None:
        found.notes.append(
            f"no operator was found in namespace {operator_namespace}: its image of the chat services is taken to be"
            f" {default_image()}; --operator-namespace or --image say it"
        )
    served = await asyncio.gather(*(cluster.served(api) for api in OPTIONAL_APIS))
    apis = frozenset(api for api, there in zip(OPTIONAL_APIS, served, strict=True) if there)
    uid = live["metadata"]["uid"] if live else ""
    return inputs_of(document, operator.services_image if operator else default_image(), apis, uid)


async def _existing(
    cluster: Cluster, document: ClusterDocument, wanted: Sequence[Manifest]
) -> dict[tuple[str, str], Manifest | None]:
    """Objects that are there, by kind and name: those of the ChatCluster, and others of the same names."""
    chosen = f"{INSTANCE}={document.name},{OURS}"
    lists = await asyncio.gather(*(cluster.list_all(kind, document.namespace, chosen) for kind in CHILDREN))
    existing: dict[tuple[str, str], Manifest | None] = {_key(body): body for bodies in lists for body in bodies}
    for manifest in wanted:
        if _key(manifest) not in existing:
            name = manifest["metadata"]["name"]
            existing[_key(manifest)] = await cluster.get(resource_of(manifest), document.namespace, name)
    return existing


async def _applied(cluster: Cluster, manifest: Manifest) -> Manifest:
    try:
        return await cluster.applied(resource_of(manifest), manifest)
    except KubeError as error:
        if not error.permanent or error.status == _FORBIDDEN:
            raise
        title = f"{manifest['kind']} {manifest['metadata']['name']}"
        raise CommandError(f"the API server would refuse {title}: {error.message}") from None


def _removed(wanted: Sequence[Manifest], existing: Sequence[Manifest | None] | Any) -> list[Change | None]:  # noqa: ANN401 - a view of a dictionary
    kept = {_key(each) for each in wanted}
    return [change_of(body, None) for body in existing if body is not None and _key(body) not in kept]


def _key(manifest: Mapping[str, Any]) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]

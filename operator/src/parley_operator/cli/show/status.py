"""`status`: where ChatClusters stand, in words."""

import datetime as dt
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.connection import connected
from parley_operator.cli.show.chat_clusters import read_cluster, read_clusters
from parley_operator.cli.show.conditions_shown import (
    Condition,
    action,
    as_wanted,
    available,
    first_attention,
    needs_attention,
    under_way,
)
from parley_operator.cli.table import age, table
from parley_operator.kube.port import Manifest

_WIDTH: Final = 110
_COLUMNS: Final = ("COMPONENT", "READY", "UPDATED", "CONNECTIONS", "LAG", "SCALING")


async def run_status(
    name: str | None, namespace: str | None, kubeconfig: str | None, context: str | None, *, everywhere: bool
) -> int:
    """Print it; returns the exit code."""
    async with connected(kubeconfig, context) as connection:
        where = None if everywhere else namespace or connection.namespace
        clusters = await chosen_clusters(connection.client, where, name)
    click.echo(status_text(clusters, dt.datetime.now(dt.UTC)))
    return 0 if all_available(clusters) else 1


async def chosen_clusters(cluster: Cluster, namespace: str | None, name: str | None) -> list[Manifest]:
    """The one that is named, or all of a namespace, or of all namespaces."""
    if name is not None and namespace is not None:
        return [await read_cluster(cluster, namespace, name)]
    return await read_clusters(cluster, namespace)


def status_text(clusters: Sequence[Mapping[str, Any]], now: dt.datetime) -> str:
    """One in full; of several a table, and what needs attention in each."""
    lines = list(_one(clusters[0], now)) if len(clusters) == 1 else list(_several(clusters, now))
    return "\n".join(lines)


def all_available(clusters: Sequence[Mapping[str, Any]]) -> bool:
    """Whether people can chat on every one."""
    return all(available(each.get("status") or {}) for each in clusters)


def _one(resource: Mapping[str, Any], now: dt.datetime) -> Iterator[str]:
    metadata, status = resource["metadata"], resource.get("status") or {}
    yield f"ChatCluster {metadata['namespace']}/{metadata['name']}: {', '.join(_headline(resource, now))}"
    yield from _warnings(resource)
    yield from _endpoints(status)
    yield from _components(status)
    yield from _conditions(status, now)
    yield from _outside(status)
    yield from _rollout(status)


def _headline(resource: Mapping[str, Any], now: dt.datetime) -> Iterator[str]:
    status = resource.get("status") or {}
    yield status.get("phase") or "Pending"
    if status.get("version"):
        yield f"version {status['version']}"
    sizing = status.get("sizing")
    if sizing:
        yield f"size {sizing['size']} with {sizing['partitions']} partitions"
    yield f"made {age(resource['metadata'].get('creationTimestamp'), now)} ago"


def _warnings(resource: Mapping[str, Any]) -> Iterator[str]:
    metadata, status = resource["metadata"], resource.get("status") or {}
    if not status:
        yield ""
        yield "! The operator has said nothing yet. Does it run?"
        yield "  kubectl get pods -A -l app.kubernetes.io/name=parley-operator"
    elif status.get("observedGeneration", 0) < metadata.get("generation", 0):
        seen, newest = status.get("observedGeneration", 0), metadata["generation"]
        yield ""
        yield f"! The operator has not looked at the newest spec yet: this is about generation {seen} of {newest}."
    if metadata.get("deletionTimestamp"):
        yield ""
        yield f"! It is being deleted since {metadata['deletionTimestamp']}."


def _endpoints(status: Mapping[str, Any]) -> Iterator[str]:
    endpoints = status.get("endpoints") or {}
    given = [(name, endpoints[name]) for name in ("sockets", "api", "external") if endpoints.get(name)]
    if given:
        yield from ("", "Endpoints")
        yield from (f"  {name:<9} {address}" for name, address in given)


def _components(status: Mapping[str, Any]) -> Iterator[str]:
    components = status.get("components") or []
    if components:
        yield ""
        yield from table(_COLUMNS, [component_row(each) for each in components])


def component_row(component: Mapping[str, Any]) -> tuple[object, ...]:
    """A component as a row of a table."""
    return (
        component["name"],
        f"{component.get('ready', 0)}/{component.get('desired', 0)}",
        component.get("updated", 0),
        component.get("connections"),
        component.get("lag"),
        component.get("scaling"),
    )


def _conditions(status: Mapping[str, Any], now: dt.datetime) -> Iterator[str]:
    conditions: Sequence[Condition] = status.get("conditions") or []
    for title, mark, true in (("Needs attention", "!", needs_attention), ("Under way", "~", under_way)):
        found = [each for each in conditions if true(each)]
        if found:
            yield from ("", title)
            for each in found:
                yield from _condition(each, mark, now)
    good = [
        each["type"] if each["status"] == "True" else f"not {each['type']}" for each in conditions if as_wanted(each)
    ]
    if good:
        yield from ("", "As wanted")
        yield from textwrap.wrap(", ".join(good), _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _condition(condition: Condition, mark: str, now: dt.datetime) -> Iterator[str]:
    since = age(condition.get("lastTransitionTime"), now)
    yield f"{mark} {condition['type']} is {condition['status']} since {since}: {condition.get('reason', '')}"
    yield from _wrapped(condition.get("message", ""))
    if action(condition):
        yield from _wrapped(f"What to do: {action(condition)}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)


def _outside(status: Mapping[str, Any]) -> Iterator[str]:
    for field, title in (("topics", "Topics"), ("keyspace", "Keyspace")):
        part = status.get(field)
        if not part:
            continue
        planned, refused = part.get("planned") or [], part.get("refused") or []
        settled = "" if planned or refused else ": as wanted"
        yield from ("", f"{title} {part.get('target', '')}{settled}".rstrip())
        yield from _items([f"planned: {each}" for each in planned])
        yield from _items([f"refused: {each}" for each in refused], "!")


def _items(lines: Sequence[str], mark: str = "-") -> list[str]:
    return [
        wrapped
        for line in lines
        for wrapped in textwrap.wrap(line, _WIDTH, initial_indent=f"  {mark} ", subsequent_indent="    ")
    ]


def _rollout(status: Mapping[str, Any]) -> Iterator[str]:
    rollout = status.get("rollout")
    if rollout:
        yield from ("", f"Rollout to {rollout.get('revision', '')}: {rollout.get('stage', '')}")
        yield from _wrapped(rollout.get("message", ""))


def _several(clusters: Sequence[Mapping[str, Any]], now: dt.datetime) -> Iterator[str]:
    header = ("NAMESPACE", "NAME", "PHASE", "AVAILABLE", "GATEWAYS", "CONNECTIONS", "LAG", "VERSION", "AGE")
    yield from table(header, [_row(each, now) for each in clusters])
    for each in clusters:
        conditions = (each.get("status") or {}).get("conditions") or []
        attention = first_attention(conditions) or ("" if conditions else "the operator has said nothing yet")
        if attention:
            yield ""
            yield f"! {each['metadata']['namespace']}/{each['metadata']['name']}"
            yield from _wrapped(attention)


def _row(resource: Mapping[str, Any], now: dt.datetime) -> tuple[object, ...]:
    metadata, status = resource["metadata"], resource.get("status") or {}
    return (
        metadata["namespace"],
        metadata["name"],
        status.get("phase") or "Pending",
        "yes" if available(status) else "no",
        status.get("gateways"),
        status.get("connections"),
        status.get("lag"),
        status.get("version"),
        age(metadata.get("creationTimestamp"), now),
    )

"""What `size` prints: a table with reasons, the spec that asks for it, and the same as documents; pure."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from parley_operator.cli.table import table
from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import capacity_figures as figures
from parley_operator.desired.capacity import Load, Needs, needs
from parley_operator.desired.capacity_extent import Extent, extent
from parley_operator.desired.capacity_figures import FIGURES
from parley_operator.desired.capacity_limits import cells
from parley_operator.desired.sizing import for_capacity
from parley_operator.model.chat_cluster import Capacity

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_STEP: Final = 1024
_HUNDRED: Final = 100
_BEYOND: Final = {
    "partitions": "a log has 1,024 partitions at most, which order 500 messages/s each: use several ChatClusters",
    "fanout": "fanout cannot have more pods than there are partitions: set kafka.topics.partitions higher",
    "receipts": "receipts cannot have more pods than there are partitions: set kafka.topics.partitions higher, or"
    " count on gateways that merge receipts",
}


def constants_document() -> dict[str, int]:
    """Every figure by its name, as the calculator of the documentation reads them."""
    return {figure.name: figure.value for figure in FIGURES}


def extent_document(found: Extent) -> dict[str, Any]:
    """What surrounds the pods, for programs."""
    return {
        "redisShards": found.redis_shards,
        "clientBytesPerSecond": found.client_bytes,
        "logBytesPerSecond": found.log_in_bytes,
        "storeBytesPerSecond": found.store_in_bytes,
        "objects": found.objects,
        "rolloutSeconds": found.rollout_seconds,
    }


def needs_document(found: Needs) -> dict[str, Any]:
    """What a load needs, for programs."""
    return {
        "partitions": found.partitions,
        "pods": dict(found.pods),
        "nodes": found.nodes,
        "brokers": found.brokers,
        "logBytes": found.log_bytes,
        "storeNodes": found.store_nodes,
        "storeBytes": found.store_bytes,
        "redisBytes": found.redis_bytes,
        "beyond": list(found.beyond),
    }


def shown_figures() -> tuple[figures.Figure, ...]:
    """Those of the calculator, and those of what surrounds the pods."""
    return (*FIGURES, *extents.EXTENT_FIGURES)


def document(load: Load) -> dict[str, Any]:
    """Everything that the load needs, for programs."""
    found = needs(load)
    return needs_document(found) | extent_document(extent(load, found)) | {"cells": cells(load)}


def figures_text() -> str:
    """Every figure with its unit and its source."""
    rows = [(figure.name, f"{figure.value:,}", figure.unit, figure.source) for figure in shown_figures()]
    return "\n".join(table(("FIGURE", "VALUE", "UNIT", "SOURCE"), rows)) + "\n"


def needs_text(load: Load) -> str:
    """The table, what stays undone, and the spec that asks for it."""
    found = needs(load)
    others = load.members - 1
    lines = [
        (
            f"For {load.peak_connections:,} connections and {load.messages_per_second:,} messages a second at the peak,"
            f" each read by {others:,} other{'s' if others > 1 else ''}:"
        ),
        "",
        *table(("PART", "NEEDS", "BECAUSE"), [*_pods(load, found), *_servers(load, found), *_around(load, found)]),
        "",
        *(f"! {_BEYOND[name]}" for name in found.beyond),
        *([""] if found.beyond else []),
        "In the ChatCluster:",
        "",
        yaml.safe_dump(_spec(load, found), sort_keys=False).rstrip(),
    ]
    return "\n".join(lines) + "\n"


def size_of(count: int) -> str:
    """Bytes as people read them."""
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:,.{0 if value >= _HUNDRED else 1}f} {_UNITS[unit]}".replace(".0 ", " ")


def _pods(load: Load, found: Needs) -> Iterator[tuple[str, str, str]]:
    messages, deliveries = f"{load.messages_per_second:,} messages/s", f"{load.deliveries:,} deliveries/s"
    connections = f"{load.peak_connections:,} connections"
    reasons = {
        "gateway": f"{connections}, {figures.CONNECTIONS_PER_GATEWAY.value:,} each; {deliveries},"
        f" {figures.DELIVERIES_PER_GATEWAY.value:,} each; one more while one is replaced",
        "chat": f"{messages}, {figures.MESSAGES_PER_CHAT.value:,} each",
        "sequencer": f"{messages}, {figures.MESSAGES_PER_SEQUENCER.value:,} each",
        "fanout": f"{deliveries}, {figures.DELIVERIES_PER_FANOUT.value:,} each",
        "receipts": f"{deliveries}, {figures.RECEIPTS_PER_WORKER.value:,} each",
        "presence": f"{connections}, {figures.CONNECTIONS_PER_PRESENCE.value:,} each",
    }
    for role, count in found.pods.items():
        least = count == figures.LEAST_PODS.value and role != "gateway"
        yield role, f"{count:,} pods", f"{reasons[role]}{'; two at least' if least else ''}"


def _servers(load: Load, found: Needs) -> Iterator[tuple[str, str, str]]:
    pods = sum(found.pods.values())
    average, copies = load.average(load.messages_per_second), f"{load.replication} copies"
    yield "topics", f"{found.partitions:,} partitions", f"{figures.MESSAGES_PER_PARTITION.value} messages/s each"
    yield (
        "nodes",
        f"{found.nodes:,} with {figures.NODE_CORES.value} cores",
        f"{pods:,} pods with {figures.POD_CORES.value} core each, on {figures.NODE_PERCENT.value} % of a node",
    )
    yield (
        "Kafka",
        f"{found.brokers:,} brokers, {size_of(found.log_bytes)} in all",
        (
            f"{average:,} messages/s on average, {copies}; {figures.BROKER_CORES.value} cores and"
            f" {size_of(figures.BROKER_BYTES.value)} each"
        ),
    )
    yield (
        "store",
        f"{found.store_nodes:,} nodes, {size_of(found.store_bytes)} in all",
        (
            f"{load.retention_days:,} days of history, {copies}; {figures.STORE_CORES.value} cores and"
            f" {size_of(figures.STORE_NODE_BYTES.value)} each"
        ),
    )
    yield (
        "Redis",
        f"{size_of(found.redis_bytes)} of memory",
        f"connections, streams, and {figures.RECENT_KEY_DAYS.value} days of keys; replicas need as much again",
    )


def _around(load: Load, found: Needs) -> Iterator[tuple[str, str, str]]:
    around, count = extent(load, found), cells(load)
    yield (
        "shards",
        f"{around.redis_shards:,} of Redis",
        f"{size_of(extents.REDIS_SHARD_BYTES.value)} each, and one core of which half is used",
    )
    yield (
        "network",
        f"{size_of(around.client_bytes)}/s to clients",
        f"{size_of(around.log_in_bytes)}/s into Kafka, {size_of(around.store_in_bytes)}/s into the store, all copies",
    )
    yield (
        "cells",
        f"{count:,} ChatCluster{'s' if count > 1 else ''}",
        "so that each stays within the limits that --limits shows",
    )


def _spec(load: Load, found: Needs) -> dict[str, Any]:
    asked = Capacity(peak_connections=load.peak_connections, messages_per_second=load.messages_per_second)
    made = for_capacity("capacity", asked).replicas
    other = {role: {"replicas": count} for role, count in found.pods.items() if count != made[role]}
    spec: dict[str, Any] = {"capacity": asked.model_dump(by_alias=True)}
    return {"spec": spec | ({"components": other} if other else {})}

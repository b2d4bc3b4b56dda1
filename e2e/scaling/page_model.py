"""The parts of the page that the model gives: costs, the needs of each load, and where one ChatCluster ends."""

from collections.abc import Iterator
from typing import Final

from e2e.scaling import loads
from e2e.scaling.loads import COLUMNS, WHOLE
from e2e.scaling.measurements import Measurements
from e2e.scaling.tables import bytes_of, duration, table
from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import capacity_figures as figures
from parley_operator.desired import measured_costs
from parley_operator.desired.capacity import Needs, needs
from parley_operator.desired.capacity_extent import extent, redis_nanoseconds
from parley_operator.desired.capacity_limits import cell, cells, reached

_TOGETHER: Final = "real servers, full load"
_ROLES: Final = ("gateway", "chat", "sequencer", "fanout", "receipts", "presence", "kafka", "cassandra", "redis")
_CONNECT: Final = ("gateway", "chat", "cassandra", "redis")


def costs(measured: Measurements) -> str:
    """What the model begins with."""
    rows = [(role, _of(measured, _TOGETHER, role), _connect(measured, role)) for role in _ROLES]
    memory = round(measured.of("idle", "memory gateway").value)
    per_pod = [(role, f"{each:,}", f"{share:.0%}") for role, each, share in _busy()]
    return f"""## What was measured

CPU in microseconds: of a message between two people at full load ([stages.json](measurements/stages.json)), and
of a reconnect of somebody with a few conversations, and what the SDK asks after it
([connections.json](measurements/connections.json)).

{table(("process", "a message", "a reconnect"), rows)}
An idle connection holds {memory:,} bytes of a gateway's memory (measured); a gateway with
{figures.CONNECTIONS_PER_GATEWAY.value:,} of them thus
{bytes_of(memory * figures.CONNECTIONS_PER_GATEWAY.value)} (derived). Memory of Redis is in
[registry.json](measurements/registry.json).

The figures by which pods are counted leave room. How much of a core each of them uses is derived:

{table(("pod", "messages or deliveries a second", "of its core"), per_pod)}"""


def columns(measured: Measurements) -> str:
    """The needs of each load, as ONE ChatCluster would have them, and how many would carry it."""
    found = [needs(column.load) for column in COLUMNS]
    names = ("", "laptop", *(column.name for column in COLUMNS))
    rate = round(measured.of("embedded, full load", "rate").value)
    rows = [
        ("connections at the peak", "-", *(f"{column.load.peak_connections:,}" for column in COLUMNS)),
        ("messages a second at the peak", f"{rate:,}", *(f"{column.load.messages_per_second:,}" for column in COLUMNS)),
        *_pods(found),
        *_servers(found),
        *_around(),
    ]
    return f"""## What a load needs

The load of the last column: {loads.DAILY_USERS:,} people a day, each with {loads.MESSAGES_EACH} messages
(assumed), are {loads.DAILY_USERS * loads.MESSAGES_EACH // loads.DAY_S:,} messages a second on average,
{loads.AVERAGE_PERCENT} % of the peak of {WHOLE.messages_per_second:,}. Five years of them, with
{figures.ROW_BYTES.value} bytes of columns and {loads.TEXT_BYTES} of text, are {_history():.1f} PB before
copies. The other columns are the same mix, smaller.

The laptop is `parley dev`: one process on SQLite, whose rate was measured. All other numbers are derived, for
one ChatCluster; the last row says how many ChatClusters (cells) carry the load within [all
limits](#where-it-breaks-first).

{table(names, rows)}
The same for any load, with a reason for each line: `parley-operator size --peak-connections 100000000
--messages-per-second 700000 --text-bytes {loads.TEXT_BYTES} --average-percent {loads.AVERAGE_PERCENT}
--retention-days {loads.HISTORY_DAYS}`."""


def limits() -> str:
    """The order in which a growing load meets the limits."""
    found = reached(WHOLE)
    rows = [
        (
            each.limit.name,
            "never" if each.within else f"{each.load(WHOLE).peak_connections:,}",
            "never" if each.within else f"{each.load(WHOLE).messages_per_second:,}",
            f"{each.used:,} of {each.limit.most:,} {each.limit.unit}",
            each.limit.then,
            each.limit.remedy,
        )
        for each in found
    ]
    lifted = [each.limit.name for each in found if each.limit.splits]
    steps = [("nothing", f"{cells(WHOLE):,}", _one_cell(()))]
    for count in range(1, len(lifted) + 1):
        before = int(steps[-1][1].replace(",", ""))
        if before == 1:
            break
        now = cells(WHOLE, lifted[:count])
        steps.append((f"{'and ' if count > 1 else ''}{lifted[count - 1]}", f"{now:,}", _one_cell(lifted[:count])))
    head = ("limit", "connections", "messages/s", "used at 100 M", "beyond it", "what lifts it")
    return f"""## Where it breaks first

As the load of this mix grows, one ChatCluster meets its limits in this order (derived; `parley-operator size
--limits` shows it for any load):

{table(head, rows)}
Of the pods of presence one works, and the others wait for it to end. A [reconnect storm](#reconnect-storms)
ends a ChatCluster that is smaller than any of these.

More ChatClusters lift every one of them, since they share nothing: people and groups are spread over cells by
tenant or region. Nothing carries a conversation from one cell to another, so that whoever talks to each other
has to be in the same cell. That is the price of each row below. Lifting the limits by other means, one after
the other, leaves:

{table(("lifted by other means", "cells for 100 M", "each carries"), steps)}"""


def assumed() -> str:
    """Everything that nobody measured."""
    known = (*figures.FIGURES, *extents.EXTENT_FIGURES)
    rows = [
        (f"`{figure.name}`", f"{figure.value:,}", figure.unit, figure.source)
        for figure in known
        if figure.source.startswith(("assumed", "chosen", "estimated"))
    ]
    return f"""## What is assumed

{table(("figure", "value", "unit", "source"), rows)}
Besides:

* Half of what a reconnect costs a gateway is the upgrade, half hello and welcome. Processes work off what they have in
  the order in which it came; a real event loop takes turns, which makes everybody late together where it is overloaded.
* The network loses nothing and takes no time; load balancers choose at random. TLS ends before the gateways.
* Brokers elect leaders 10 s after a zone is gone. Nobody replaces lost pods while a simulation lasts.
* A busy store, Kafka or Redis answers as quickly as an idle one. The simulations have queues for Parley's own processes
  only.
* Costs do not change with size: a message costs a gateway the same beside 20,000 connections as beside 64, on which it
  was measured. One machine of two cores, which everything shared, is all that these numbers were seen on.
"""


def _pods(found: list[Needs]) -> Iterator[tuple[str, ...]]:
    for role in found[0].pods:
        yield role, "1 for all" if role == "gateway" else "", *(f"{each.pods[role]:,}" for each in found)
    yield "nodes with 8 cores", "1", *(f"{each.nodes:,}" for each in found)


def _servers(found: list[Needs]) -> Iterator[tuple[str, ...]]:
    around = [extent(column.load) for column in COLUMNS]
    yield "partitions of each log", "4", *(f"{each.partitions:,}" for each in found)
    yield "Kafka brokers", "-", *(f"{each.brokers:,}" for each in found)
    yield "bytes in Kafka", "-", *(bytes_of(each.log_bytes) for each in found)
    yield "store nodes", "-", *(f"{each.store_nodes:,}" for each in found)
    yield "bytes in the store", "-", *(bytes_of(each.store_bytes) for each in found)
    yield "Redis shards", "-", *(f"{each.redis_shards:,}" for each in around)
    yield "bytes in Redis", "-", *(bytes_of(each.redis_bytes) for each in found)
    busy = [redis_nanoseconds(column.load, each) / 1e9 for column, each in zip(COLUMNS, found, strict=True)]
    yield "cores that Redis uses", "-", *(f"{each:,.1f}" for each in busy)


def _around() -> Iterator[tuple[str, ...]]:
    around = [extent(column.load) for column in COLUMNS]
    yield "to clients, each second", "-", *(bytes_of(each.client_bytes) for each in around)
    yield "into Kafka, each second", "-", *(bytes_of(each.log_in_bytes) for each in around)
    yield "into the store, each second", "-", *(bytes_of(each.store_in_bytes) for each in around)
    yield "pods and EndpointSlices", "-", *(f"{each.objects:,}" for each in around)
    yield "a rollout of all gateways", "-", *(duration(each.rollout_seconds) for each in around)
    yield "ChatClusters", "-", *(f"{cells(column.load):,}" for column in COLUMNS)


def _busy() -> Iterator[tuple[str, int, float]]:
    each = (
        ("gateway", figures.DELIVERIES_PER_GATEWAY.value, measured_costs.GATEWAY_US),
        ("chat", figures.MESSAGES_PER_CHAT.value, measured_costs.CHAT_US),
        ("sequencer", figures.MESSAGES_PER_SEQUENCER.value, measured_costs.SEQUENCER_US),
        ("fanout", figures.DELIVERIES_PER_FANOUT.value, measured_costs.FANOUT_US),
        ("receipts", figures.RECEIPTS_PER_WORKER.value, measured_costs.RECEIPTS_US),
    )
    for role, rate, cost in each:
        yield role, rate, rate * cost / 1_000_000


def _one_cell(lifted: tuple[str, ...] | list[str]) -> str:
    one = cell(WHOLE, cells(WHOLE, lifted))
    return f"{one.peak_connections:,} connections, {one.messages_per_second:,} messages/s"


def _history() -> float:
    row = figures.ROW_BYTES.value + loads.TEXT_BYTES
    average = WHOLE.average(WHOLE.messages_per_second)
    return average * loads.DAY_S * loads.HISTORY_DAYS * row / 1e15


def _of(measured: Measurements, workload: str, role: str) -> str:
    return f"{measured.of(workload, f'cpu {role}').value:,.0f}"


def _connect(measured: Measurements, role: str) -> str:
    return _of(measured, "connect", role) if role in _CONNECT else ""

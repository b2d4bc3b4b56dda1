"""From a load to everything that it needs: pods, nodes, brokers, store and Redis.

Pods and partitions are those that the operator makes of `spec.capacity` (`sizing.for_capacity`); only where a message
has more than one reader are they more. The rest is arithmetic on whole numbers, so that the calculator of the
documentation (docs/javascripts/sizing.js) gives the same to the last byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parley_operator.desired import capacity_figures as figures
from parley_operator.desired.capacity_figures import Figure
from parley_operator.desired.sizing import CONSUMERS, for_capacity
from parley_operator.model.chat_cluster import Capacity

DAY_SECONDS: Final = 86_400
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """What people do. `members` is the size of the conversation that a message goes to, the sender included.

    `messages_per_second` is the peak; `average_percent` of it is the average of a day. `retention_days` is how much
    history the disks shall hold: the store itself removes none.
    """

    peak_connections: int
    messages_per_second: int
    members: int = 2
    text_bytes: int = 100
    average_percent: int = 50
    retention_days: int = 365
    replication: int = 3

    @property
    def deliveries(self) -> int:
        """Entries that reach somebody else, each second at the peak."""
        return self.messages_per_second * (self.members - 1)

    def average(self, peak: int) -> int:
        """What a rate at the peak is over the day, rounded up."""
        return ceiling(peak * self.average_percent, 100)


@dataclass(frozen=True, slots=True)
class Needs:
    """What carries a load. `beyond` names what the partitions of one log cannot carry, however many pods there are."""

    partitions: int
    pods: Mapping[str, int]
    nodes: int
    brokers: int
    log_bytes: int
    store_nodes: int
    store_bytes: int
    redis_bytes: int
    beyond: tuple[str, ...]


def needs(load: Load) -> Needs:
    """Everything that the load needs; never less for more load."""
    sized = for_capacity(
        "capacity", Capacity(peak_connections=load.peak_connections, messages_per_second=load.messages_per_second)
    )
    wanted = {role: max(count, _for_deliveries(load, role)) for role, count in sized.replicas.items()}
    pods = {role: min(count, sized.partitions) if role in CONSUMERS else count for role, count in wanted.items()}
    log_bytes, store_bytes = _log_bytes(load), _store_bytes(load)
    return Needs(
        partitions=sized.partitions,
        pods=pods,
        nodes=_nodes(pods),
        brokers=_brokers(load, sized.partitions, log_bytes),
        log_bytes=log_bytes,
        store_nodes=_store_nodes(load, store_bytes),
        store_bytes=store_bytes,
        redis_bytes=_redis_bytes(load, pods["gateway"]),
        beyond=(*_order_beyond(load, sized.partitions), *(role for role in CONSUMERS if wanted[role] > pods[role])),
    )


def ceiling(dividend: int, divisor: int) -> int:
    """The quotient, rounded up."""
    return -(-dividend // divisor)


def _for_deliveries(load: Load, role: str) -> int:
    """Pods for the deliveries alone; the operator's own figures count one for each message."""
    match role:
        case "gateway":
            return ceiling(load.deliveries, figures.DELIVERIES_PER_GATEWAY.value) + 1
        case "fanout":
            return ceiling(load.deliveries, figures.DELIVERIES_PER_FANOUT.value)
        case "receipts":
            return ceiling(load.deliveries, figures.RECEIPTS_PER_WORKER.value)
        case _:
            return 0


def _order_beyond(load: Load, partitions: int) -> tuple[str, ...]:
    room = partitions * figures.MESSAGES_PER_PARTITION.value
    return ("partitions",) if load.messages_per_second > room else ()


def _nodes(pods: Mapping[str, int]) -> int:
    usable = figures.NODE_CORES.value * figures.NODE_PERCENT.value // 100 // figures.POD_CORES.value
    return max(figures.LEAST_NODES.value, ceiling(sum(pods.values()), usable))


def _log_bytes(load: Load) -> int:
    """What is in Kafka at any time, with all copies."""
    receipts = load.average(load.deliveries) * figures.RECEIPTS_PER_DELIVERY.value * figures.RECEIPT_BYTES.value
    messages = load.average(load.messages_per_second)
    each_second = (
        messages * (figures.INGRESS_BYTES.value + load.text_bytes) * figures.INGRESS_DAYS.value
        + messages * (figures.TIMELINE_BYTES.value + load.text_bytes) * figures.TIMELINE_DAYS.value
        + receipts * figures.RECEIPTS_DAYS.value
    )
    return load.replication * DAY_SECONDS * each_second


def _brokers(load: Load, partitions: int, log_bytes: int) -> int:
    replicas = figures.ORDERED_TOPICS.value * partitions * load.replication
    return max(
        load.replication,
        _for_processors(load, figures.BROKER_MICROSECONDS, figures.BROKER_CORES),
        ceiling(log_bytes * 100, figures.BROKER_BYTES.value * figures.BROKER_DISK_PERCENT.value),
        ceiling(replicas, figures.PARTITIONS_PER_BROKER.value),
    )


def _store_bytes(load: Load) -> int:
    """What is in the message store after the days of retention, with all copies."""
    rows = load.retention_days * (figures.ROW_BYTES.value + load.text_bytes)
    sends = figures.SEND_DAYS.value * figures.SEND_BYTES.value
    return load.replication * DAY_SECONDS * load.average(load.messages_per_second) * (rows + sends)


def _store_nodes(load: Load, store_bytes: int) -> int:
    return max(
        load.replication,
        _for_processors(load, figures.STORE_MICROSECONDS, figures.STORE_CORES),
        ceiling(store_bytes * 100, figures.STORE_NODE_BYTES.value * figures.STORE_DISK_PERCENT.value),
    )


def _for_processors(load: Load, microseconds: Figure, cores: Figure) -> int:
    """Servers by processor time; every copy is counted like the first, which is more than it costs."""
    wanted = load.messages_per_second * load.replication * microseconds.value * 100
    return ceiling(wanted, cores.value * figures.SERVER_CPU_PERCENT.value * _MICROSECONDS)


def _redis_bytes(load: Load, gateways: int) -> int:
    """Memory of the masters: registry, full streams, and a week of keys by which unmarked retries are noticed."""
    kept = DAY_SECONDS * figures.RECENT_KEY_DAYS.value * load.average(load.messages_per_second)
    data = (
        load.peak_connections * figures.CONNECTION_BYTES.value
        + gateways * figures.STREAM_ITEMS.value * (figures.STREAM_ITEM_BYTES.value + load.text_bytes)
        + kept * figures.RECENT_KEY_BYTES.value
    )
    return ceiling(data * figures.REDIS_PERCENT.value, 100)

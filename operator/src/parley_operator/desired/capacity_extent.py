"""How much a load is for what surrounds the pods: Redis servers, bytes on the network, objects in Kubernetes."""

from dataclasses import dataclass

from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import capacity_figures as figures
from parley_operator.desired.capacity import Load, Needs, ceiling, needs

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Extent:
    """Numbers of one ChatCluster. Bytes are of a second at the peak; a rollout is of all gateways, in seconds."""

    redis_shards: int
    client_bytes: int
    log_in_bytes: int
    store_in_bytes: int
    pods: int
    objects: int
    rollout_seconds: int
    departures: int


def extent(load: Load, found: Needs | None = None) -> Extent:
    """What the load amounts to; never less for more load."""
    found = found or needs(load)
    pods = sum(found.pods.values())
    return Extent(
        redis_shards=_redis_shards(load, found),
        client_bytes=_client_bytes(load),
        log_in_bytes=load.replication * _log_in_bytes(load),
        store_in_bytes=load.replication * load.messages_per_second * (figures.ROW_BYTES.value + load.text_bytes),
        pods=pods,
        objects=_objects(found, pods),
        rollout_seconds=found.pods["gateway"] * gateway_seconds(),
        departures=ceiling(load.peak_connections, extents.SESSION_SECONDS.value),
    )


def gateway_seconds() -> int:
    """How long the replacement of one full gateway takes: its clients leave at a pace, then the new one settles."""
    leaving = ceiling(figures.CONNECTIONS_PER_GATEWAY.value, extents.DRAIN_PER_SECOND.value)
    waits = (extents.DRAIN_DELAY_SECONDS, extents.START_SECONDS, extents.READY_SECONDS)
    return leaving + sum(each.value for each in waits)


def redis_nanoseconds(load: Load, found: Needs) -> int:
    """CPU of all Redis servers in a second at the peak; beacons grow with gateways times fanouts."""
    messages = load.messages_per_second * extents.REDIS_MICROSECONDS.value * 1_000
    pairs = found.pods["gateway"] * found.pods["fanout"]
    return messages + pairs * extents.BEACON_COMMANDS.value * extents.COMMAND_NANOSECONDS.value


def _redis_shards(load: Load, found: Needs) -> int:
    by_memory = ceiling(found.redis_bytes, extents.REDIS_SHARD_BYTES.value)
    by_processor = ceiling(redis_nanoseconds(load, found) * 100, extents.REDIS_SHARD_PERCENT.value * _NANOSECONDS)
    return max(by_memory, by_processor)


def _client_bytes(load: Load) -> int:
    """To clients: an entry for each member, the sender's echo among them, and the acknowledgement."""
    entry = extents.FRAME_BYTES.value + load.text_bytes
    return (load.deliveries + load.messages_per_second) * entry + load.messages_per_second * extents.ACK_BYTES.value


def _log_in_bytes(load: Load) -> int:
    """Into Kafka, one copy: each message in both logs, and its receipts."""
    both = figures.INGRESS_BYTES.value + figures.TIMELINE_BYTES.value + 2 * load.text_bytes
    receipts = load.deliveries * figures.RECEIPTS_PER_DELIVERY.value * figures.RECEIPT_BYTES.value
    return load.messages_per_second * both + receipts


def _objects(found: Needs, pods: int) -> int:
    """Objects that grow with the load: pods, and the EndpointSlices of a hundred of them for each Service."""
    gateways, chats = found.pods["gateway"], found.pods["chat"]
    slices = 2 * ceiling(gateways, 100) + 2 * ceiling(chats, 100)
    return pods + slices

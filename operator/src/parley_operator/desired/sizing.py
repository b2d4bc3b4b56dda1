"""From a size or a capacity to replicas and partitions: the arithmetic, with the figures that it rests on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parley.contract import MAXIMUM_PARTITIONS, ROLES
from parley_operator.model.chat_cluster import Capacity, ChatClusterSpec
from parley_operator.model.component import Component

CONNECTIONS_PER_GATEWAY: Final = 20_000
MESSAGES_PER_CHAT: Final = 2_000
MESSAGES_PER_SEQUENCER: Final = 5_000
DELIVERIES_PER_FANOUT: Final = 10_000
RECEIPTS_PER_WORKER: Final = 5_000
MESSAGES_PER_PARTITION: Final = 500
CONNECTIONS_PER_PRESENCE: Final = 200_000
LEAST_PARTITIONS: Final = 12
LEAST_REPLICAS: Final = 2
DEVELOPMENT: Final = "development"


@dataclass(frozen=True, slots=True)
class Sizing:
    """Pods and requests by component, partitions of each ordered topic, and copies of what is stored."""

    size: str
    partitions: int
    copies: int
    replicas: Mapping[str, int]
    cpu: str
    memory: str


_PRESETS: Final = {
    DEVELOPMENT: Sizing(DEVELOPMENT, 4, 1, dict.fromkeys(ROLES, 1), "50m", "128Mi"),
    "small": Sizing("small", 12, 3, dict.fromkeys(ROLES, LEAST_REPLICAS), "250m", "256Mi"),
}
_PRESET_CAPACITIES: Final = {
    "medium": Capacity(peak_connections=100_000, messages_per_second=5_000),
    "large": Capacity(peak_connections=1_000_000, messages_per_second=50_000),
    "xlarge": Capacity(peak_connections=10_000_000, messages_per_second=400_000),
}


def sizing(spec: ChatClusterSpec) -> Sizing:
    """What the spec asks for, before what it says of single components."""
    if spec.capacity is not None:
        return for_capacity("capacity", spec.capacity)
    size = spec.size or "small"
    return _PRESETS[size] if size in _PRESETS else for_capacity(size, _PRESET_CAPACITIES[size])


def for_capacity(name: str, capacity: Capacity) -> Sizing:
    """Enough pods for the load, and one gateway more, since a StatefulSet has no surge while it is rolled."""
    messages = capacity.messages_per_second
    partitions = _power_of_two(max(LEAST_PARTITIONS, math.ceil(messages / MESSAGES_PER_PARTITION)))
    partitions = min(partitions, MAXIMUM_PARTITIONS)
    wanted = {
        "gateway": math.ceil(capacity.peak_connections / CONNECTIONS_PER_GATEWAY) + 1,
        "chat": math.ceil(messages / MESSAGES_PER_CHAT),
        "sequencer": min(partitions, math.ceil(messages / MESSAGES_PER_SEQUENCER)),
        "fanout": min(partitions, math.ceil(messages / DELIVERIES_PER_FANOUT)),
        "receipts": min(partitions, math.ceil(messages / RECEIPTS_PER_WORKER)),
        "presence": math.ceil(capacity.peak_connections / CONNECTIONS_PER_PRESENCE),
    }
    return Sizing(name, partitions, 3, {role: max(LEAST_REPLICAS, count) for role, count in wanted.items()}, "1", "1Gi")


def _power_of_two(number: int) -> int:
    return int(2 ** math.ceil(math.log2(number)))


def partitions(spec: ChatClusterSpec) -> int:
    """Partitions of each ordered topic."""
    return spec.kafka.topics.partitions or sizing(spec).partitions


def wanted_replicas(spec: ChatClusterSpec, role: str) -> int:
    """Pods of a component while nobody scales it; consumers beyond the partitions would idle."""
    component = spec.component(role)
    if component.replicas is not None:
        return component.replicas
    count = sizing(spec).replicas[role]
    return min(count, partitions(spec)) if role in CONSUMERS else count


def bounds(spec: ChatClusterSpec, role: str) -> tuple[int, int]:
    """Fewest and most pods of a component that is scaled; consumers beyond the partitions would idle."""
    autoscaling = spec.component(role).autoscaling
    wanted = wanted_replicas(spec, role)
    if autoscaling is None or autoscaling.mode == "none":
        return wanted, wanted
    least = autoscaling.min_replicas or wanted
    most = autoscaling.max_replicas or wanted
    if role in CONSUMERS:
        most = min(most, partitions(spec))
    return min(least, most), most


CONSUMERS: Final = ("sequencer", "fanout", "receipts")


def target_connections(component: Component) -> int:
    """Connections that a gateway should have."""
    autoscaling = component.autoscaling
    return (autoscaling and autoscaling.target_connections) or CONNECTIONS_PER_GATEWAY

"""Where one ChatCluster ends: each limit with what uses it up, the load at which it is reached, and what then. Pure.

A limit that only more ChatClusters (cells) lift is `splits`; people, groups and tenants are spread over cells then.
"""

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import capacity_figures as figures
from parley_operator.desired.capacity import Load, Needs, ceiling, needs
from parley_operator.desired.capacity_extent import Extent, extent

_STEPS: Final = 10_000
"""A load is scaled in ten-thousandths of itself."""

LARGEST_CONNECTIONS: Final = 200_000_000
LARGEST_MESSAGES: Final = 10_000_000
"""The most that `spec.capacity` takes."""


@dataclass(frozen=True, slots=True)
class State:
    """A load and everything known of it."""

    load: Load
    needs: Needs
    extent: Extent


@dataclass(frozen=True, slots=True)
class Limit:
    """`used` may not be larger than `most`; `then` says what happens beyond it, `remedy` what lifts it."""

    name: str
    unit: str
    most: int
    used: Callable[[State], int]
    then: str
    remedy: str
    source: str
    splits: bool = True


def state_of(load: Load) -> State:
    """Everything known of a load."""
    found = needs(load)
    return State(load, found, extent(load, found))


LIMITS: Final = (
    Limit(
        "presence",
        "departures/s",
        extents.PRESENCE_PER_SECOND.value,
        lambda state: state.extent.departures,
        "people are shown as online long after they left; nothing else is late",
        "cells; or a leader for each of the 16 keys of departures, a change of the presence role",
        extents.PRESENCE_PER_SECOND.source,
    ),
    Limit(
        "rollout of gateways",
        "seconds",
        extents.ROLLOUT_SECONDS.value,
        lambda state: state.extent.rollout_seconds,
        "a new version takes longer than a day, and a fix as well",
        "cells, each of which rolls by itself; a higher drain.ratePerSecond",
        extents.ROLLOUT_SECONDS.source,
    ),
    Limit(
        "order",
        "messages/s",
        figures.MOST_PARTITIONS.value * figures.MESSAGES_PER_PARTITION.value,
        lambda state: state.load.messages_per_second,
        "partitions get more than they are sized for, and lag grows once a sequencer has no core left",
        "cells: a message id has ten bits for the partition",
        figures.MOST_PARTITIONS.source,
    ),
    Limit(
        "Redis shards",
        "shards",
        extents.REDIS_NODES.value,
        lambda state: state.extent.redis_shards,
        "the servers of a Redis Cluster talk to each other more than it is made for",
        "PARLEY_DEDUPE_HINT=false, where all clients mark their retries as both SDKs do; cells",
        extents.REDIS_NODES.source,
    ),
    Limit(
        "Redis clients",
        "connections",
        extents.REDIS_CLIENTS.value,
        lambda state: state.extent.pods * extents.REDIS_CONNECTIONS_PER_POD.value,
        "Redis refuses connections",
        "a higher maxclients; cells",
        extents.REDIS_CLIENTS.source,
        splits=False,
    ),
    Limit(
        "pods of a namespace",
        "pods",
        extents.PODS_PER_NAMESPACE.value,
        lambda state: state.extent.pods,
        "controllers of Kubernetes become slow",
        "cells, each in a namespace of its own",
        extents.PODS_PER_NAMESPACE.source,
    ),
    Limit(
        "endpoints of a Service",
        "pods",
        extents.ENDPOINTS_PER_SERVICE.value,
        lambda state: state.needs.pods["gateway"],
        "each change of a gateway is told to every node; long lists cost kube-proxy time",
        "a load balancer that talks to pods itself; cells",
        extents.ENDPOINTS_PER_SERVICE.source,
        splits=False,
    ),
    Limit(
        "gateways of a StatefulSet",
        "pods",
        extents.GATEWAY_REPLICAS.value,
        lambda state: state.needs.pods["gateway"],
        "the API server refuses the ChatCluster",
        "cells",
        extents.GATEWAY_REPLICAS.source,
    ),
    Limit(
        "nodes of a cluster",
        "nodes",
        extents.NODES_PER_CLUSTER.value,
        lambda state: state.needs.nodes,
        "there are more than Kubernetes is tested with",
        "cells in several Kubernetes clusters; larger nodes",
        extents.NODES_PER_CLUSTER.source,
    ),
    Limit(
        "brokers of a Kafka",
        "brokers",
        extents.BROKERS_PER_CLUSTER.value,
        lambda state: state.needs.brokers,
        "one Kafka is larger than is common; most brokers are there for their disks",
        "larger disks, tiered storage or a shorter ingress log; cells, each with a Kafka of its own",
        extents.BROKERS_PER_CLUSTER.source,
    ),
    Limit(
        "nodes of a message store",
        "nodes",
        extents.STORE_NODES_PER_CLUSTER.value,
        lambda state: state.needs.store_nodes,
        "one store is larger than is common; nearly all nodes are there for their disks",
        "denser nodes and compression; old history elsewhere, which is not built; cells, each with a store of its own",
        extents.STORE_NODES_PER_CLUSTER.source,
    ),
)
"""Every limit that is known."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit, what a load uses of it, and the share of that load (in ten-thousandths) that just fits."""

    limit: Limit
    used: int
    fits: int
    within: bool
    """Whether it is not reached at all, however large a load one ChatCluster is asked to carry."""

    def load(self, whole: Load) -> Load:
        """The largest load of this mix that fits."""
        return scaled(whole, self.fits)


def reached(load: Load, limits: Sequence[Limit] = LIMITS) -> list[Reached]:
    """All limits in the order in which a load of this mix reaches them as it grows."""
    whole = state_of(load)
    found = [Reached(limit, limit.used(whole), fits := _fits(load, limit), fits >= largest(load)) for limit in limits]
    return sorted(found, key=lambda each: each.fits)


def scaled(load: Load, ten_thousandths: int) -> Load:
    """The same mix, larger or smaller; at least one of each."""
    return dataclasses.replace(
        load,
        peak_connections=max(1, load.peak_connections * ten_thousandths // _STEPS),
        messages_per_second=max(1, load.messages_per_second * ten_thousandths // _STEPS),
    )


def cells(load: Load, lifted: Collection[str] = ()) -> int:
    """The fewest ChatClusters that carry the load within every limit; those `lifted` by other means are left aside."""
    binding = [limit for limit in LIMITS if limit.splits and limit.name not in lifted]

    def enough(count: int) -> bool:
        one = state_of(cell(load, count))
        return all(limit.used(one) <= limit.most for limit in binding)

    high = 1
    while not enough(high):
        high *= 2
    return bisect_left(range(high + 1), True, lo=high // 2 + 1 if high > 1 else 1, key=enough)


def cell(load: Load, count: int) -> Load:
    """The load of one of so many equal cells."""
    return dataclasses.replace(
        load,
        peak_connections=ceiling(load.peak_connections, count),
        messages_per_second=ceiling(load.messages_per_second, count),
    )


def largest(load: Load) -> int:
    """The largest multiple (in ten-thousandths) of a load for which one ChatCluster can be asked at all."""
    return min(
        LARGEST_CONNECTIONS * _STEPS // load.peak_connections, LARGEST_MESSAGES * _STEPS // load.messages_per_second
    )


def _fits(load: Load, limit: Limit) -> int:
    """The largest share of the load within the limit; nothing is less for more, so halving finds it."""
    low, high = 0, largest(load)
    while low < high:
        middle = (low + high + 1) // 2
        if limit.used(state_of(scaled(load, middle))) <= limit.most:
            low = middle
        else:
            high = middle - 1
    return low

"""The figures of what surrounds the pods: Redis servers, the network, and the limits of what Parley runs on."""

from typing import Final

from parley_operator.desired import measured_costs
from parley_operator.desired.capacity_figures import Figure
from parley_operator.desired.workloads import MIN_READY_S
from parley_operator.model.component import Drain

_CHOSEN: Final = "chosen"
_ASSUMED: Final = "assumed"
_THRESHOLDS: Final = "Kubernetes' scalability thresholds (SIG Scalability); beyond it nothing is tested, little breaks"
_STAGES: Final = "measured, docs/measurements/stages.json"
_OPERATOR: Final = "the operator's own"
_DRAIN: Final = Drain()

REDIS_MICROSECONDS: Final = Figure("redisMicroseconds", measured_costs.REDIS_US, "us of CPU a message", _STAGES)
REDIS_SHARD_BYTES: Final = Figure("redisShardBytes", 64 * 2**30, "bytes of memory", _CHOSEN)
REDIS_SHARD_PERCENT: Final = Figure("redisShardPercent", 50, "% of the one core that a shard uses", _CHOSEN)
BEACON_COMMANDS: Final = Figure(
    "beaconCommands", 3, "commands a second for each pair of fanout and gateway", "the code"
)
COMMAND_NANOSECONDS: Final = Figure(
    "commandNanoseconds", 2_000, "ns of CPU a command", "assumed: a message costs about eight commands"
)

FRAME_BYTES: Final = Figure("frameBytes", 262, "bytes beside the text", "encoded size of a pushed message, MessagePack")
ACK_BYTES: Final = Figure("ackBytes", 155, "bytes", "encoded size of an acknowledgement, MessagePack")

SESSION_SECONDS: Final = Figure("sessionSeconds", 1_800, "seconds that a person stays connected", _ASSUMED)
PRESENCE_PER_SECOND: Final = Figure(
    "presencePerSecond",
    2_000,
    "departures/s",
    "measured: one leader, which spends 386 us of CPU on a departure with Redis and Cassandra",
)
REDIS_NODES: Final = Figure("redisNodes", 1_000, "shards", "the design goal of Redis Cluster's specification")
REDIS_CLIENTS: Final = Figure("redisClients", 10_000, "connections to one server", "Redis' default maxclients")
REDIS_CONNECTIONS_PER_POD: Final = Figure("redisConnectionsPerPod", 2, "connections to each shard", _ASSUMED)
PODS_PER_NAMESPACE: Final = Figure("podsPerNamespace", 3_000, "pods", _THRESHOLDS)
PODS_PER_CLUSTER: Final = Figure("podsPerCluster", 150_000, "pods", _THRESHOLDS)
NODES_PER_CLUSTER: Final = Figure("nodesPerCluster", 5_000, "nodes", _THRESHOLDS)
ENDPOINTS_PER_SERVICE: Final = Figure("endpointsPerService", 250, "pods behind one Service", _THRESHOLDS)
BROKERS_PER_CLUSTER: Final = Figure("brokersPerCluster", 200, "brokers", _ASSUMED)
STORE_NODES_PER_CLUSTER: Final = Figure("storeNodesPerCluster", 1_000, "nodes", _ASSUMED)
GATEWAY_REPLICAS: Final = Figure(
    "gatewayReplicas", 10_000, "pods", "the most that spec.components.gateway.replicas takes"
)

DRAIN_PER_SECOND: Final = Figure("drainPerSecond", _DRAIN.rate_per_second, "clients/s", f"{_OPERATOR}, drain")
DRAIN_DELAY_SECONDS: Final = Figure("drainDelaySeconds", _DRAIN.initial_delay_seconds, "seconds", f"{_OPERATOR}, drain")
READY_SECONDS: Final = Figure("readySeconds", MIN_READY_S, "seconds", f"{_OPERATOR}, minReadySeconds")
START_SECONDS: Final = Figure("startSeconds", 10, "seconds until a new gateway is ready", _ASSUMED)
ROLLOUT_SECONDS: Final = Figure("rolloutSeconds", 86_400, "seconds that a rollout may take", _CHOSEN)

EXTENT_FIGURES: Final = tuple(each for each in tuple(globals().values()) if isinstance(each, Figure))
"""All of them, in the order of this page."""

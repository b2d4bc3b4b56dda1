"""The figures that the sizing rests on, each with its unit and where it comes from."""

from dataclasses import dataclass
from typing import Final

from parley.contract import DAY_MS, DEDUPE_WINDOW_MS, INGRESS, MAXIMUM_PARTITIONS, RECEIPTS, SENDS_TTL_MS, TIMELINE
from parley_operator.desired import measured_costs, sizing

_OPERATOR: Final = "the operator's own, desired/sizing.py"
_BENCHMARK: Final = "measured, docs/measurements/stages.json"
_REDIS: Final = "measured, docs/measurements/registry.json"
_ENCODED: Final = "encoded size with names of 13 characters, before lz4"
_PROMISE: Final = "the services' own, parley/contract.py"
_CHOSEN: Final = "chosen"


@dataclass(frozen=True, slots=True)
class Figure:
    """A whole number of the arithmetic; `source` says how sure it is: measured, promised, or chosen."""

    name: str
    value: int
    unit: str
    source: str


CONNECTIONS_PER_GATEWAY: Final = Figure(
    "connectionsPerGateway", sizing.CONNECTIONS_PER_GATEWAY, "connections", _OPERATOR
)
MESSAGES_PER_CHAT: Final = Figure("messagesPerChat", sizing.MESSAGES_PER_CHAT, "messages/s", _OPERATOR)
MESSAGES_PER_SEQUENCER: Final = Figure("messagesPerSequencer", sizing.MESSAGES_PER_SEQUENCER, "messages/s", _OPERATOR)
DELIVERIES_PER_FANOUT: Final = Figure("deliveriesPerFanout", sizing.DELIVERIES_PER_FANOUT, "deliveries/s", _OPERATOR)
RECEIPTS_PER_WORKER: Final = Figure("receiptsPerWorker", sizing.RECEIPTS_PER_WORKER, "deliveries/s", _OPERATOR)
MESSAGES_PER_PARTITION: Final = Figure("messagesPerPartition", sizing.MESSAGES_PER_PARTITION, "messages/s", _OPERATOR)
CONNECTIONS_PER_PRESENCE: Final = Figure(
    "connectionsPerPresence", sizing.CONNECTIONS_PER_PRESENCE, "connections", _OPERATOR
)
LEAST_PARTITIONS: Final = Figure("leastPartitions", sizing.LEAST_PARTITIONS, "partitions", _OPERATOR)
MOST_PARTITIONS: Final = Figure("mostPartitions", MAXIMUM_PARTITIONS, "partitions", _PROMISE)
LEAST_PODS: Final = Figure("leastPods", sizing.LEAST_REPLICAS, "pods", _OPERATOR)

DELIVERIES_PER_GATEWAY: Final = Figure(
    "deliveriesPerGateway",
    5_000,
    "deliveries/s",
    f"measured {measured_costs.GATEWAY_US} us of CPU for one with its send and receipt, with a third to spare",
)
POD_CORES: Final = Figure("podCores", 1, "cores", _OPERATOR)
NODE_CORES: Final = Figure("nodeCores", 8, "cores", _CHOSEN)
NODE_PERCENT: Final = Figure("nodePercent", 80, "% of a node for these pods", _CHOSEN)
LEAST_NODES: Final = Figure("leastNodes", 3, "nodes", "chosen, one in each of three zones")

INGRESS_DAYS: Final = Figure("ingressDays", INGRESS.retention_ms // DAY_MS, "days", _PROMISE)
TIMELINE_DAYS: Final = Figure("timelineDays", TIMELINE.retention_ms // DAY_MS, "days", _PROMISE)
RECEIPTS_DAYS: Final = Figure("receiptsDays", RECEIPTS.retention_ms // DAY_MS, "days", _PROMISE)
INGRESS_BYTES: Final = Figure("ingressBytes", 240, "bytes beside the text", _ENCODED)
TIMELINE_BYTES: Final = Figure("timelineBytes", 290, "bytes beside the text", _ENCODED)
RECEIPT_BYTES: Final = Figure("receiptBytes", 110, "bytes", _ENCODED)
RECEIPTS_PER_DELIVERY: Final = Figure("receiptsPerDelivery", 2, "records", "delivered and read, if nothing is merged")
ORDERED_TOPICS: Final = Figure("orderedTopics", 3, "topics", _PROMISE)
BROKER_MICROSECONDS: Final = Figure(
    "brokerMicroseconds", measured_costs.BROKER_US, "us of CPU a message and copy", _BENCHMARK
)
BROKER_CORES: Final = Figure("brokerCores", 4, "cores", _CHOSEN)
BROKER_BYTES: Final = Figure("brokerBytes", 2**40, "bytes of disk", _CHOSEN)
BROKER_DISK_PERCENT: Final = Figure("brokerDiskPercent", 70, "% of the disk", _CHOSEN)
PARTITIONS_PER_BROKER: Final = Figure("partitionsPerBroker", 4_000, "partitions", "Kafka's KIP-578")

ROW_BYTES: Final = Figure("rowBytes", 250, "bytes beside the text", "estimated from the columns, uncompressed")
SEND_BYTES: Final = Figure("sendBytes", 150, "bytes", "estimated from the columns, uncompressed")
SEND_DAYS: Final = Figure("sendDays", SENDS_TTL_MS // DAY_MS, "days", _PROMISE)
STORE_MICROSECONDS: Final = Figure(
    "storeMicroseconds", measured_costs.STORE_US, "us of CPU a message and copy", _BENCHMARK
)
STORE_CORES: Final = Figure("storeCores", 8, "cores", _CHOSEN)
STORE_NODE_BYTES: Final = Figure("storeNodeBytes", 2 * 2**40, "bytes of disk", _CHOSEN)
STORE_DISK_PERCENT: Final = Figure("storeDiskPercent", 50, "% of the disk", "size-tiered compaction may need the rest")
SERVER_CPU_PERCENT: Final = Figure("serverCpuPercent", 50, "% of a server's cores", "chosen, so that one may be away")

CONNECTION_BYTES: Final = Figure("connectionBytes", measured_costs.REDIS_CONNECTION_BYTES, "bytes", _REDIS)
STREAM_ITEMS: Final = Figure("streamItems", 100_000, "entries a gateway", "the cap of a gateway's stream")
STREAM_ITEM_BYTES: Final = Figure(
    "streamItemBytes", measured_costs.REDIS_STREAM_ENTRY_BYTES, "bytes beside the text", _REDIS
)
RECENT_KEY_BYTES: Final = Figure("recentKeyBytes", measured_costs.REDIS_RECENT_KEY_BYTES, "bytes", _REDIS)
RECENT_KEY_DAYS: Final = Figure("recentKeyDays", DEDUPE_WINDOW_MS // DAY_MS, "days", _PROMISE)
REDIS_PERCENT: Final = Figure("redisPercent", 150, "% of the data, for buffers and fragments", _CHOSEN)

FIGURES: Final = tuple(each for each in tuple(globals().values()) if isinstance(each, Figure))
"""All of them, in the order of this page."""

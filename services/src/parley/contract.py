"""Names that the services and the operator share, and nothing else.

The operator renders environment variables, ports, topics and probes from this module; the services read the same
names. It imports only the standard library, so that the operator image needs no chat code.
"""

from dataclasses import dataclass, field
from typing import Final

ENVIRONMENT_PREFIX: Final = "PARLEY_"

ROLES: Final = ("gateway", "chat", "sequencer", "fanout", "receipts", "presence")

EVERY_BACKEND: Final = frozenset({"log", "store", "registry"})
BACKENDS_OF_ROLES: Final = {
    "gateway": frozenset({"registry"}),
    "chat": EVERY_BACKEND,
    "sequencer": EVERY_BACKEND,
    "fanout": EVERY_BACKEND,
    "receipts": EVERY_BACKEND,
    "presence": frozenset({"store", "registry"}),
}
"""Which engines a role uses: its process needs no others, and gets no credentials of them."""

LIVENESS_PATH: Final = "/livez"
READINESS_PATH: Final = "/readyz"
METRICS_PATH: Final = "/metrics"
CALLS_PATH: Final = "/internal/v1/calls"
PROFILES_PATH: Final = "/internal/v1/profiles"
SOCKET_PATH: Final = "/v1/connect"

SUBPROTOCOL_JSON: Final = "parley.v1.json"
SUBPROTOCOL_MSGPACK: Final = "parley.v1.msgpack"

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

DEDUPE_WINDOW_MS: Final = 7 * DAY_MS
"""How long a retry with the same client_msg_id finds its first attempt (promise G4)."""

SENDS_TTL_MS: Final = DEDUPE_WINDOW_MS + DAY_MS
"""Dedupe rows outlive the promise by a day, because time to live runs on the wall clock and the promise on log time."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One log: how it is keyed, and how long a record stays at least.

    `partitions` is the default of a fresh installation; it is fixed for the life of the topic, since a conversation's
    order lives in exactly one partition.
    """

    name: str
    partitions: int
    retention_ms: int
    config: dict[str, str] = field(default_factory=dict)


_ORDERED: Final = {"message.timestamp.type": "LogAppendTime", "unclean.leader.election.enable": "false"}

INGRESS: Final = Topic("ingress", 64, 8 * DAY_MS, _ORDERED)
TIMELINE: Final = Topic("timeline", 64, 2 * DAY_MS, _ORDERED)
RECEIPTS: Final = Topic("receipts", 64, DAY_MS, _ORDERED)
DEADLETTER: Final = Topic("deadletter", 1, 30 * DAY_MS, _ORDERED)
TOPICS: Final = (INGRESS, TIMELINE, RECEIPTS, DEADLETTER)


def topic_partitions(partitions: int) -> dict[str, int]:
    """Partitions by topic, when the ordered topics have so many; the one of dead letters has a single one."""
    return {topic.name: 1 if topic is DEADLETTER else partitions for topic in TOPICS}


MAXIMUM_PARTITIONS: Final = 1024
"""A message id has ten bits for the partition."""

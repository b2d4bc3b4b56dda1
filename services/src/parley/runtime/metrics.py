"""Every metric of the services, in one place; the documentation's table is made from this list."""

from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

_STAGE_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)

CONNECTIONS: Final = Gauge("parley_connections", "Authenticated sockets that are open now")
CONNECTIONS_OPENED: Final = Counter("parley_connections_opened_total", "Sockets that said hello successfully")
CONNECTIONS_CLOSED: Final = Counter("parley_connections_closed_total", "Sockets that ended, by close code", ["code"])
FRAMES_IN: Final = Counter("parley_frames_received_total", "Frames from clients, by type", ["type"])
FRAMES_OUT: Final = Counter("parley_frames_sent_total", "Frames to clients, by type", ["type"])
REFUSALS: Final = Counter("parley_refusals_total", "Requests answered with an error, by code", ["code"])
DROPS: Final = Counter("parley_drops_total", "Frames not sent to a slow client, by reason", ["reason"])
RESYNCS: Final = Counter("parley_resyncs_total", "Times clients were told to resync, by cause", ["cause"])

ACCEPTED: Final = Counter("parley_messages_accepted_total", "Changes acknowledged as durable, by kind", ["kind"])
SEQUENCED: Final = Counter("parley_messages_sequenced_total", "Entries that got their seq, by kind", ["kind"])
DUPLICATES: Final = Counter("parley_duplicates_total", "Retries recognised by the sequencer")
REFUSED_LATE: Final = Counter("parley_refused_after_ack_total", "Acknowledged changes refused, by code", ["code"])
DEAD_LETTERS: Final = Counter("parley_dead_letters_total", "Records set aside because they could not be decoded")
STORE_READS: Final = Counter(
    "parley_store_reads_total",
    "Rows and ranges asked of the message store, by kind: list (of a user's conversations), heads, membership, "
    "entries, marks, sends (earlier attempts), fold (what was folded already)",
    ["kind"],
)
DELIVERED: Final = Counter("parley_messages_delivered_total", "Entries handed to sockets")

STAGE_SECONDS: Final = Histogram(
    "parley_stage_seconds",
    "Duration of a stage: accept (frame to ack), sequence (append to commit), deliver (append to socket), store, call",
    ["stage"],
    buckets=_STAGE_BUCKETS,
)
CALLS_DROPPED: Final = Counter(
    "parley_calls_dropped_total",
    "Questions that chat did not answer, by reason: overloaded (refused, with a time to wait), late (nobody waited any "
    "more when their turn came), cut (nor while they were worked on), left (their client was gone before chat was "
    "asked)",
    ["reason"],
)
QUEUE_DEPTH: Final = Gauge("parley_queue_depth", "Items that wait in a bounded queue, by queue", ["queue"])
CONSUMER_LAG: Final = Gauge(
    "parley_consumer_lag", "Records not yet committed, by topic and partition", ["topic", "partition"]
)
CONSUMER_LAG_SEEN: Final = Gauge(
    "parley_consumer_lag_seen_seconds",
    "When the lag was last read, in seconds since 1970, by topic: what is old is not known any more",
    ["topic"],
)
PRESENCE_USERS: Final = Gauge(
    "parley_presence_users",
    "Users as the leading presence process sees them, by state: connected, leaving (may be declared offline after "
    "their grace), left_behind (of gateways that ended without a word, not looked at yet)",
    ["state"],
)
PRESENCE_OFFLINE: Final = Counter("parley_presence_offline_total", "Users who were declared offline")
GATEWAYS_LOST: Final = Counter(
    "parley_presence_gateways_lost_total", "Gateways that ended without a word and left users behind"
)
HTTP_REQUESTS: Final = Counter(
    "parley_http_requests_total", "HTTP API requests, by route and status", ["route", "status"]
)
SPANS: Final = Counter(
    "parley_spans_total", "Spans of traced messages: exported, failed (not taken), dropped (queue full)", ["outcome"]
)

METRICS_CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)

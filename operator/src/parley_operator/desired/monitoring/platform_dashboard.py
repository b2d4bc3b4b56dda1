"""The dashboard of a whole ChatCluster: is it well, and if not, which stage is to blame."""

from typing import Final

from parley_operator.desired.monitoring.message_alerts import OUR_FAULTS, PROMISED_S
from parley_operator.desired.monitoring.panel import Board, Panel, Query, Section, dashboard
from parley_operator.desired.monitoring.selection import Selection

_RATE: Final = "[$__rate_interval]"
_STAGES: Final = {
    "accept": "chat",
    "sequence": "sequencer",
    "fanout": "fanout",
    "deliver": "gateway",
    "call": "gateway",
}
_CONSUMERS: Final = ("sequencer", "fanout", "receipts")
_WIDE: Final = 8


def platform_dashboard(of: Selection, place: str) -> Board:
    """The dashboard; `place` tells it from those of other ChatClusters."""
    return dashboard(
        f"parley-platform-{place}",
        f"Parley / Platform / {of.namespace}/{of.name}",
        f"Messages of {of.shown} on their way: rates, latency of each stage, lag, errors and saturation.",
        of.interval,
        [_glance(of), _messages(of), _latency(of), _errors(of), _lag(of), _pods(of), _saturation(of)],
    )


def _rate(of: Selection, metric: str, *roles: str, by: str = "", where: str = "") -> str:
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} (rate({metric}{{{where}{of.pods(*roles)}}}{_RATE}))"


def _stage(of: Selection, quantile: float, stage: str) -> str:
    where = f'stage="{stage}",'
    return (
        f"histogram_quantile({quantile}, "
        f"{_rate(of, 'parley_stage_seconds_bucket', _STAGES[stage], by='le', where=where)})"
    )


def _failing(of: Selection) -> str:
    faults = _rate(of, "parley_refusals_total", "gateway", "chat", where=f'code=~"{OUR_FAULTS}|overloaded",')
    return f"({faults} or vector(0)) / {_rate(of, 'parley_frames_received_total', 'gateway')}"


def _lag_of(of: Selection, by: str) -> str:
    """All pods of a consumer tell the same, so that the largest of each partition counts once."""
    return f"sum by ({by}) (max by (topic, partition) (parley_consumer_lag{{{of.pods(*_CONSUMERS)}}}))"


def _glance(of: Selection) -> Section:
    firing = f'count(ALERTS{{alertstate="firing",chatcluster="{of.name}",namespace="{of.namespace}"}}) or vector(0)'
    stats = (
        ("Connections", "Sockets that are open now.", "short", _connections(of), None),
        (
            "Messages",
            "Changes acknowledged each second.",
            "cps",
            _rate(of, "parley_messages_accepted_total", "chat"),
            None,
        ),
        ("Delivery", "One message in a hundred takes longer.", "s", _stage(of, 0.99, "deliver"), PROMISED_S),
        ("Failing requests", "Share that ends in an error of ours.", "percentunit", _failing(of), 0.01),
        ("Lag", "Records that consumers have before them.", "short", f"sum({_lag_of(of, 'topic')})", 10_000.0),
        ("Firing alerts", "Of this ChatCluster.", "short", firing, 1.0),
    )
    return Section(
        "At a glance",
        [
            Panel(title, text, unit, [Query(expression, title)], kind="stat", width=4, limit=limit)
            for title, text, unit, expression, limit in stats
        ],
    )


def _connections(of: Selection) -> str:
    return f"sum(parley_connections{{{of.pods('gateway')}}})"


def _messages(of: Selection) -> Section:
    steps = {
        "acknowledged": _rate(of, "parley_messages_accepted_total", "chat"),
        "in order": _rate(of, "parley_messages_sequenced_total", "sequencer"),
        "handed to sockets": _rate(of, "parley_messages_delivered_total", "gateway"),
        "retries recognised": _rate(of, "parley_duplicates_total", "sequencer"),
    }
    late = _rate(of, "parley_refused_after_ack_total", "sequencer", by="code")
    return Section(
        "Messages",
        [
            Panel(
                "Messages on their way",
                "Acknowledged and in order are equal in the long run; each message is handed to many sockets.",
                "cps",
                [Query(expression, name) for name, expression in steps.items()],
            ),
            Panel(
                "Acknowledged by kind",
                "What people do.",
                "cps",
                [Query(_rate(of, "parley_messages_accepted_total", "chat", by="kind"), "{{kind}}")],
                stacked=True,
            ),
            Panel(
                "Refused after the acknowledgement",
                "Two people changed the same at once, or chat judged by rows that were too old.",
                "cps",
                [Query(late, "{{code}}")],
            ),
            Panel(
                "Dead letters",
                "Records that could not be read and were set aside; there should be none.",
                "cps",
                [Query(_rate(of, "parley_dead_letters_total", "sequencer"), "dead letters")],
            ),
        ],
    )


def _latency(of: Selection) -> Section:
    def stages(quantile: float) -> list[Query]:
        return [Query(_stage(of, quantile, stage), stage) for stage in _STAGES]

    text = (
        "accept: frame to ack; sequence: ack to order; fanout: ack to channel; deliver: ack to socket; call: to chat."
    )
    within = _rate(of, "parley_stage_seconds_bucket", "gateway", where='stage="deliver",le="0.3",')
    all_of_them = _rate(of, "parley_stage_seconds_count", "gateway", where='stage="deliver",')
    return Section(
        "Latency by stage",
        [
            Panel("99th percentile", text, "s", stages(0.99), width=_WIDE, limit=PROMISED_S),
            Panel("Median", text, "s", stages(0.5), width=_WIDE),
            Panel(
                "Delivered within 300 ms",
                "Share of messages that reach online people within the promised time.",
                "percentunit",
                [Query(f"{within} / {all_of_them}", "within 300 ms")],
                width=_WIDE,
            ),
        ],
    )


def _errors(of: Selection) -> Section:
    return Section(
        "Errors",
        [
            Panel(
                "Refusals by code",
                "internal, unavailable, overloaded and poison are ours; the others are clients' mistakes.",
                "cps",
                [Query(_rate(of, "parley_refusals_total", "gateway", "chat", by="code"), "{{code}}")],
            ),
            Panel(
                "HTTP API by status",
                "Requests to the HTTP API.",
                "reqps",
                [Query(_rate(of, "parley_http_requests_total", "chat", by="status"), "{{status}}")],
                stacked=True,
            ),
        ],
    )


def _lag(of: Selection) -> Section:
    return Section(
        "Consumers",
        [
            Panel(
                "Records that wait, by topic",
                "ingress: sequencer; timeline: fanout; receipts: receipts. Chat refuses per partition, not by the sum.",
                "short",
                [Query(_lag_of(of, "topic"), "{{topic}}")],
            ),
            Panel(
                "The ten partitions that wait most",
                "One that stands out has a busy conversation or a failing batch; chat refuses at 60 s of work.",
                "short",
                [Query(f"topk(10, {_lag_of(of, 'topic, partition')})", "{{topic}} {{partition}}")],
            ),
            Panel(
                "Age of these numbers",
                "Since the lag was read last: while Kafka is away, the lag stays as it was and says nothing.",
                "s",
                [
                    Query(
                        f"time() - max by (topic) (parley_consumer_lag_seen_seconds{{{of.pods(*_CONSUMERS)}}})",
                        "{{topic}}",
                    )
                ],
                limit=60.0,
            ),
        ],
    )


def _pods(of: Selection) -> Section:
    everywhere = of.pods()
    return Section(
        "Pods",
        [
            Panel(
                "Pods that answer, by component",
                "Pods whose metrics can be read.",
                "short",
                [Query(f"sum(up{{{of.pods(role)}}})", role) for role in of.running],
                width=_WIDE,
            ),
            Panel(
                "The ten busiest pods",
                "Cores in use; one process hardly uses more than one.",
                "short",
                [Query(f"topk(10, rate(process_cpu_seconds_total{{{everywhere}}}{_RATE}))", "{{pod}}")],
                width=_WIDE,
                limit=0.9,
            ),
            Panel(
                "The ten largest pods",
                "Memory in use.",
                "bytes",
                [Query(f"topk(10, process_resident_memory_bytes{{{everywhere}}})", "{{pod}}")],
                width=_WIDE,
            ),
            Panel(
                "Spans of traces, by outcome",
                "failed: the collector did not take them; dropped: more came than could be sent. Empty without traces.",
                "cps",
                [Query(_rate(of, "parley_spans_total", by="outcome"), "{{outcome}}")],
                width=_WIDE,
            ),
        ],
    )


def _saturation(of: Selection) -> Section:
    everywhere = of.pods()
    descriptors = f"process_open_fds{{{everywhere}}} / process_max_fds{{{everywhere}}}"
    return Section(
        "Saturation",
        [
            Panel(
                "Calls that wait in gateways",
                "Requests that chat has not taken yet.",
                "short",
                [Query(f"topk(10, parley_queue_depth{{{of.pods('gateway')}}})", "{{pod}}")],
            ),
            Panel(
                "Questions that wait for a turn in chat",
                "Resumes and others; a queue that stands is overload, and what it has no room for is refused.",
                "short",
                [Query(f"sum by (queue) (parley_queue_depth{{{of.pods('chat')}}})", "{{queue}}")],
            ),
            Panel(
                "Questions without an answer, by reason",
                "overloaded: to be asked again later; late, cut and left: nobody waited for the answer any more.",
                "cps",
                [Query(_rate(of, "parley_calls_dropped_total", "chat", "gateway", by="reason"), "{{reason}}")],
            ),
            Panel(
                "File descriptors in use",
                "Share of what the process may open; each socket needs one.",
                "percentunit",
                [Query(f"topk(10, {descriptors})", "{{pod}}")],
                limit=0.8,
            ),
            Panel(
                "Reads of the message store, by kind",
                "Whoever comes back and missed nothing reads nothing: many lists mean that the cache is not trusted.",
                "ops",
                [Query(_rate(of, "parley_store_reads_total", "chat", "sequencer", by="kind"), "{{kind}}")],
                width=_WIDE,
            ),
        ],
    )

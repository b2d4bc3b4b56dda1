"""Alerts of the logs: consumers that are behind, fall further behind, or do not tell."""

from typing import Final

from parley.contract import INGRESS, RECEIPTS, TIMELINE
from parley_operator.desired.monitoring.alert import Alert
from parley_operator.desired.monitoring.selection import Selection

REFUSING_LAG: Final = 30_000
"""So far behind a partition at its usual speed chat refuses new messages for it: those are sixty seconds of work."""
_MUCH: Final = 10_000
_SOME: Final = 1_000
_AHEAD_S: Final = 1_800
_STALE_S: Final = 60
"""A lag that was read so long ago says nothing any more; it is read every five seconds."""


def log_alerts(of: Selection) -> list[Alert]:
    """All of them; of what they tell, every pod of a consumer tells the same, so that only the largest counts."""
    return [*_behind(of), *_hopeless(of), *_unknown(of)]


def _lag(of: Selection, *topics: str) -> str:
    chosen = f'topic=~"{"|".join(topics)}",' if len(topics) > 1 else "".join(f'topic="{topic}",' for topic in topics)
    return f"max by (topic, partition) (parley_consumer_lag{{{chosen}{of.pods('sequencer', 'fanout', 'receipts')}}})"


def _behind(of: Selection) -> list[Alert]:
    return [
        Alert(
            "ParleyConsumerLag",
            "warning",
            "10m",
            f"sum by (topic) ({_lag(of, INGRESS.name, TIMELINE.name)}) > {_MUCH}",
            f"Messages of {of.shown} are late, because their consumers are behind",
            "{{ $value | humanize }} records of {{ $labels.topic }} wait. Raise the replicas of the sequencer "
            "(ingress) or fanout (timeline), or look for a slow message store.",
        ),
        Alert(
            "ParleyReceiptsLate",
            "warning",
            "15m",
            f"sum by (topic) ({_lag(of, RECEIPTS.name)}) > {_MUCH}",
            f"People of {of.shown} see late who received and read their messages",
            "{{ $value | humanize }} receipts wait; messages themselves are not late. Raise the replicas of receipts, "
            "or look for a slow message store.",
        ),
    ]


def _hopeless(of: Selection) -> list[Alert]:
    each, ingress = f"sum by (topic) ({_lag(of)})", f"max by (topic) ({_lag(of, INGRESS.name)})"
    window = f"[{of.long}:1m]"
    return [
        Alert(
            "ParleyConsumerLagGrowing",
            "warning",
            "15m",
            f"{each} > {_SOME} and deriv(({each}){window}) > 0",
            f"Consumers of {of.shown} fall further and further behind",
            "{{ $value | humanize }} records of {{ $labels.topic }} wait, and they become more. Without more pods or a "
            "quicker message store this will not end by itself.",
        ),
        Alert(
            "ParleyIngressLagNearLimit",
            "critical",
            "5m",
            f"{ingress} > {_MUCH} and predict_linear(({ingress}){window}, {_AHEAD_S}) > {REFUSING_LAG}",
            f"{of.shown} will refuse new messages of a partition within half an hour",
            f"{{{{ $value | humanize }}}} accepted messages of a partition wait for their place in the order; at "
            f"{REFUSING_LAG} chat refuses more. Raise the replicas of the sequencer, or find out why it is slow.",
        ),
        Alert(
            "ParleyPartitionStuck",
            "warning",
            "10m",
            f"min_over_time({_lag(of)}{window}) > 100 and delta({_lag(of)}{window}) >= 0",
            f"A part of the conversations of {of.shown} does not move on",
            "Partition {{ $labels.partition }} of {{ $labels.topic }} has {{ $value | humanize }} records or more "
            "before it and nobody works them off. The log of its consumer says which batch fails.",
        ),
    ]


def _unknown(of: Selection) -> list[Alert]:
    consumers = {"sequencer": INGRESS.name, "fanout": TIMELINE.name, "receipts": RECEIPTS.name}
    silent = [
        f'absent(parley_consumer_lag{{topic="{topic}",{of.pods(role)}}}) or '
        f"time() - max by (topic) (parley_consumer_lag_seen_seconds"
        f'{{topic="{topic}",{of.pods(role)}}}) > {_STALE_S}'
        for role, topic in consumers.items()
        if role in of.running
    ]
    if not silent:
        return []
    return [
        Alert(
            "ParleyLagUnknown",
            "warning",
            "15m",
            " or ".join(silent),
            f"Nobody knows how far a consumer of {of.shown} is behind",
            "No pod has read the lag of {{ $labels.topic }} lately: its consumers do not run, or cannot ask Kafka for "
            "their offsets.",
        )
    ]

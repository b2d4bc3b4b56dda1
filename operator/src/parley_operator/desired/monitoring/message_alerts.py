"""Alerts of what people notice: messages that are late, refused, or do not arrive."""

from typing import Final

from parley_operator.desired.monitoring.alert import Alert
from parley_operator.desired.monitoring.selection import Selection

PROMISED_S: Final = 0.3
"""Within so long a message reaches people who are online."""
OUR_FAULTS: Final = "internal|poison|unavailable"
"""Refusals that no client can help."""


def message_alerts(of: Selection) -> list[Alert]:
    """In the order of a message's way."""
    return [*_acknowledging(of), *_refusing(of), *_ordering(of), *_late_refusals(of), *_delivering(of)]


def _quantile(quantile: float, stage: str, pods: str, window: str) -> str:
    rates = f'sum by (le) (rate(parley_stage_seconds_bucket{{stage="{stage}",{pods}}}[{window}]))'
    return f"histogram_quantile({quantile}, {rates})"


def _requests(of: Selection) -> str:
    """Frames and HTTP requests; either may be missing."""
    frames = f"sum(rate(parley_frames_received_total{{{of.pods('gateway')}}}[{of.short}]))"
    calls = f"sum(rate(parley_http_requests_total{{{of.pods('chat')}}}[{of.short}]))"
    return f"(({frames} or vector(0)) + ({calls} or vector(0)))"


def _acknowledging(of: Selection) -> list[Alert]:
    faults = f'parley_refusals_total{{code=~"{OUR_FAULTS}",{of.pods("gateway", "chat")}}}[{of.short}]'
    return [
        Alert(
            "ParleyRequestsFailing",
            "critical",
            "5m",
            f"sum(rate({faults})) / {_requests(of)} > 0.05",
            f"Requests of people fail in {of.shown}",
            "{{ $value | humanizePercentage }} of requests end in an error that is not the client's. Look which of "
            "Kafka, message store, Redis and chat does not answer: kubectl get cc shows its conditions.",
        ),
        Alert(
            "ParleyRequestErrors",
            "warning",
            "15m",
            f"sum by (code) (rate({faults})) / on () group_left () {_requests(of)} > 0.01",
            f"Some requests of people fail in {of.shown}",
            "{{ $value | humanizePercentage }} of requests are answered with {{ $labels.code }}. The log of gateway "
            "and chat has the cause.",
        ),
        Alert(
            "ParleyAcknowledgementsSlow",
            "warning",
            "10m",
            f"{_quantile(0.99, 'accept', of.pods('chat'), of.short)} > 1",
            f"Messages are acknowledged late in {of.shown}",
            "One message in a hundred waits {{ $value | humanizeDuration }} or longer until it is durable. Look at "
            "the latency of Kafka's producers first, then at that of the message store.",
        ),
    ]


def _refusing(of: Selection) -> list[Alert]:
    answers = f"rate(parley_http_requests_total{{{of.pods('chat')}}}[{of.short}])"
    failed = f'rate(parley_http_requests_total{{status=~"5..",{of.pods("chat")}}}[{of.short}])'
    return [
        Alert(
            "ParleyOverloaded",
            "critical",
            "5m",
            f'sum(rate(parley_refusals_total{{code="overloaded",{of.pods("chat")}}}[{of.short}])) > 0',
            f"{of.shown} refuses requests, because more come than it can do",
            "{{ $value | humanize }} requests each second are refused as overloaded. Find out whether the sequencer or "
            "chat does not keep up, and raise its replicas.",
        ),
        Alert(
            "ParleyApiErrors",
            "warning",
            "10m",
            f"sum({failed}) / sum({answers}) > 0.05",
            f"The HTTP API of {of.shown} fails",
            "{{ $value | humanizePercentage }} of HTTP requests are answered with a status of 500 or above. The log of "
            "chat has the cause.",
        ),
    ]


def _ordering(of: Selection) -> list[Alert]:
    accepted = f"sum(rate(parley_messages_accepted_total{{{of.pods('chat')}}}[{of.short}]))"
    sequencer = of.pods("sequencer")
    folded = " + ".join(
        f"(sum(rate(parley_{name}_total{{{sequencer}}}[{of.short}])) or vector(0))"
        for name in ("messages_sequenced", "duplicates", "refused_after_ack")
    )
    return [
        Alert(
            "ParleySequencerStalled",
            "critical",
            "5m",
            f"{accepted} > 0 and ({folded}) == 0",
            f"Messages of {of.shown} are acknowledged, but none gets its place in the order",
            "{{ $value | humanize }} messages each second are accepted and nobody gets them; none is lost. Look at "
            "the sequencer's pods and their log, then at the message store.",
        )
    ]


def _late_refusals(of: Selection) -> list[Alert]:
    accepted = f"sum(rate(parley_messages_accepted_total{{{of.pods('chat')}}}[{of.short}]))"
    sequencer = of.pods("sequencer")
    refused = f"sum by (code) (rate(parley_refused_after_ack_total{{{sequencer}}}[{of.short}]))"
    return [
        Alert(
            "ParleyRefusedAfterAck",
            "warning",
            "15m",
            f"{refused} / on () group_left () {accepted} > 0.01",
            f"Messages of {of.shown} are refused after they were acknowledged",
            "{{ $value | humanizePercentage }} of accepted changes are refused with {{ $labels.code }}: their senders "
            "see them fail late. Chat judges by rows that are too old: look at the message store.",
        ),
        Alert(
            "ParleyDeadLetters",
            "warning",
            "0m",
            f"sum(increase(parley_dead_letters_total{{{sequencer}}}[{of.long}])) > 0",
            f"Records of {of.shown} were set aside because they cannot be read",
            "{{ $value | humanize }} records went to the topic of dead letters. The sequencer's log names partition, "
            "position and cause of each.",
        ),
    ]


def _delivering(of: Selection) -> list[Alert]:
    gateways = of.pods("gateway")
    sent = f'sum(rate(parley_frames_received_total{{type="send",{gateways}}}[{of.short}]))'
    ordered = f"sum(rate(parley_messages_sequenced_total{{{of.pods('sequencer')}}}[{of.short}]))"
    delivered = f"sum(rate(parley_messages_delivered_total{{{gateways}}}[{of.short}]))"
    return [
        Alert(
            "ParleyDeliverySlow",
            "warning",
            "10m",
            f"{_quantile(0.99, 'deliver', gateways, of.short)} > {PROMISED_S}",
            f"Messages of {of.shown} reach online people late",
            "One message in a hundred takes {{ $value | humanizeDuration }} or longer; 300 ms are promised. Compare "
            "the stages on the platform dashboard to see where the time goes.",
        ),
        Alert(
            "ParleyDeliveryVerySlow",
            "critical",
            "5m",
            f"{_quantile(0.9, 'deliver', gateways, of.short)} > 1",
            f"Chatting is hardly possible in {of.shown}: messages take seconds",
            "One message in ten takes {{ $value | humanizeDuration }} or longer. Compare the stages on the platform "
            "dashboard to see where the time goes.",
        ),
        Alert(
            "ParleyMessagesNotDelivered",
            "critical",
            "10m",
            f"{sent} > 0.1 and {ordered} > 0 and {delivered} == 0",
            f"Messages of {of.shown} are put in order, but reach nobody",
            "{{ $value | humanize }} messages each second come from sockets and not even their senders get them back. "
            "Look at fanout and at Redis, which carries them to the gateways.",
        ),
    ]

"""Examples of the alerts of messages and logs."""

from typing import Final

from monitoring_examples import (
    CHAT,
    FANOUT,
    GATEWAY,
    RECEIPTS,
    SEQUENCER,
    Example,
    accepted,
    counter,
    frames,
    gauge,
    lag,
    refusals,
    sequenced,
    stage,
)

MESSAGE_EXAMPLES: Final = (
    Example(
        "ParleyRequestsFailing",
        frames(600) | refusals("unavailable", CHAT, 30) | refusals("internal", GATEWAY, 6),
        frames(600) | refusals("unavailable", CHAT, 28) | refusals("not_a_member", CHAT, 300),
    ),
    Example(
        "ParleyRequestErrors",
        frames(600) | refusals("unavailable", CHAT, 10) | refusals("internal", CHAT, 2),
        frames(600) | refusals("unavailable", CHAT, 5) | refusals("rate_limited", CHAT, 300),
    ),
    Example(
        "ParleyAcknowledgementsSlow",
        stage("accept", CHAT, {"0.5": 90, "1.0": 98, "2.5": 100, "+Inf": 100}),
        stage("accept", CHAT, {"0.5": 90, "1.0": 100, "2.5": 100, "+Inf": 100}),
    ),
    Example("ParleyOverloaded", refusals("overloaded", CHAT, 1), refusals("overloaded", GATEWAY, 60)),
    Example(
        "ParleyApiErrors",
        counter("parley_http_requests_total", f'route="send",status="503",{CHAT}', 6)
        | counter("parley_http_requests_total", f'route="send",status="202",{CHAT}', 94),
        counter("parley_http_requests_total", f'route="send",status="503",{CHAT}', 4)
        | counter("parley_http_requests_total", f'route="send",status="404",{CHAT}', 96),
    ),
    Example(
        "ParleySequencerStalled",
        accepted(60) | gauge("parley_duplicates_total", SEQUENCER, 7),
        accepted(60) | counter("parley_duplicates_total", SEQUENCER, 1),
    ),
    Example(
        "ParleyRefusedAfterAck",
        accepted(600) | counter("parley_refused_after_ack_total", f'code="forbidden",{SEQUENCER}', 12),
        accepted(600) | counter("parley_refused_after_ack_total", f'code="forbidden",{SEQUENCER}', 5),
    ),
    Example(
        "ParleyDeadLetters",
        {f"parley_dead_letters_total{{{SEQUENCER}}}": "0x40 1x20"},
        {f"parley_dead_letters_total{{{SEQUENCER}}}": "0x10 1x50"},
    ),
    Example(
        "ParleyDeliverySlow",
        stage("deliver", GATEWAY, {"0.2": 50, "0.3": 98, "0.5": 100, "+Inf": 100}),
        stage("deliver", GATEWAY, {"0.2": 50, "0.3": 100, "0.5": 100, "+Inf": 100})
        | stage("accept", CHAT, {"0.3": 0, "0.5": 100, "+Inf": 100}),
    ),
    Example(
        "ParleyDeliveryVerySlow",
        stage("deliver", GATEWAY, {"0.5": 50, "1.0": 80, "2.5": 100, "+Inf": 100}),
        stage("deliver", GATEWAY, {"0.5": 50, "1.0": 95, "2.5": 100, "+Inf": 100}),
    ),
    Example(
        "ParleyMessagesNotDelivered",
        frames(60) | sequenced(60) | gauge("parley_messages_delivered_total", GATEWAY, 500),
        frames(60) | sequenced(60) | counter("parley_messages_delivered_total", GATEWAY, 1),
    ),
)

LOG_EXAMPLES: Final = (
    Example(
        "ParleyConsumerLag",
        lag("ingress", SEQUENCER, "6000x60") | lag("ingress", SEQUENCER, "6000x60", 1),
        # Every pod of a consumer tells the same; these are 6,000 records and not 12,000.
        lag("ingress", SEQUENCER, "6000x60") | lag("ingress", SEQUENCER.replace("abcde", "fghij"), "6000x60"),
    ),
    Example("ParleyReceiptsLate", lag("receipts", RECEIPTS, "10001x60"), lag("receipts", RECEIPTS, "9999x60")),
    Example(
        "ParleyConsumerLagGrowing",
        lag("timeline", FANOUT, "2000+10x60"),
        lag("timeline", FANOUT, "9000-10x60") | lag("receipts", RECEIPTS, "10+10x60"),
    ),
    Example(
        "ParleyIngressLagNearLimit",
        lag("ingress", SEQUENCER, "0+2000x60"),
        lag("ingress", SEQUENCER, "0+200x60") | lag("timeline", FANOUT, "0+2000x60"),
    ),
    Example(
        "ParleyPartitionStuck",
        lag("ingress", SEQUENCER, "200x60", 3) | lag("ingress", SEQUENCER, "0x60", 4),
        lag("ingress", SEQUENCER, "2000-5x60", 3) | lag("ingress", SEQUENCER, "100x60", 4),
    ),
    Example(
        "ParleyLagUnknown",
        lag("ingress", SEQUENCER, "0x60") | lag("timeline", FANOUT, "0x60"),
        lag("ingress", SEQUENCER, "0x60") | lag("timeline", FANOUT, "0x60") | lag("receipts", RECEIPTS, "0x60"),
    ),
)

"""Alerts of the sockets: lost, refused, too many, or too slow."""

from typing import Final

from parley_operator.desired.monitoring.alert import Alert
from parley_operator.desired.monitoring.selection import Selection

BATCH_CALLS: Final = 64
"""So many calls go to chat at once in each lane of a gateway; a lane belongs to a partition."""


def gateway_alerts(of: Selection) -> list[Alert]:
    """Those of all connections first, then those of single gateways."""
    return [*_connections(of), *_capacity(of), *_closing(of), *_pushing(of), *_saturation(of)]


def _connections(of: Selection) -> list[Alert]:
    gateways = of.pods("gateway")
    now, before = f"sum(parley_connections{{{gateways}}})", f"sum(parley_connections{{{gateways}}} offset {of.long})"
    opened = f"sum(increase(parley_connections_opened_total{{{gateways}}}[{of.short}]))"
    return [
        Alert(
            "ParleyConnectionsLost",
            "critical",
            "3m",
            f"{now} < 0.5 * {before} and {before} > 100",
            f"More than half of the people are not connected any more to {of.shown}",
            "{{ $value | humanize }} connections are left. Look at the gateways, and at what is between them and "
            "people: load balancer, DNS name, certificate.",
        ),
        Alert(
            "ParleyReconnectStorm",
            "warning",
            "10m",
            f"{opened} > 0.5 * {now} and {opened} > 100",
            f"People connect to {of.shown} again and again",
            f"{{{{ $value | humanize }}}} connections were opened within {of.short}, more than half as many as are "
            "open. The close codes on the gateways dashboard tell who ends them.",
        ),
    ]


def _capacity(of: Selection) -> list[Alert]:
    gateways = of.pods("gateway")
    return [
        Alert(
            "ParleyConnectionsNearCapacity",
            "warning",
            "15m",
            f"sum(parley_connections{{{gateways}}}) > 0.9 * {of.usable}",
            f"The gateways of {of.shown} are nearly full",
            f"{{{{ $value | humanize }}}} connections are open, and {of.usable} can be carried while one gateway is "
            "away. Raise the replicas of the gateway, or maxReplicas of its autoscaling.",
        ),
        Alert(
            "ParleyGatewayOverfull",
            "warning",
            "10m",
            f"parley_connections{{{gateways}}} > {of.overfull}",
            f"A gateway of {of.shown} has more connections than it can drain in time",
            f"{{{{ $labels.pod }}}} has {{{{ $value | humanize }}}} connections; {of.target} are meant, and its grace "
            f"period is enough for {of.overfull}. Add gateways, and check how connections are shared out.",
        ),
    ]


def _closing(of: Selection) -> list[Alert]:
    gateways = of.pods("gateway")
    closed = f"rate(parley_connections_closed_total{{{gateways}}}[{of.short}])"
    faulty = f'rate(parley_connections_closed_total{{code=~"1011|4010",{gateways}}}[{of.short}])'
    refused = f'sum(rate(parley_connections_closed_total{{code="4400",{gateways}}}[{of.short}]))'
    opened = f"sum(rate(parley_connections_opened_total{{{gateways}}}[{of.short}]))"
    return [
        Alert(
            "ParleySocketsClosedByFault",
            "warning",
            "10m",
            f"sum by (code) ({faulty}) / on () group_left () sum({closed}) > 0.05",
            f"{of.shown} closes connections because of its own faults",
            "{{ $value | humanizePercentage }} of connections that end are closed with {{ $labels.code }}: 4010 when "
            "chat does not answer, 1011 when the gateway fails.",
        ),
        Alert(
            "ParleyTokensRefused",
            "warning",
            "10m",
            f"{refused} / ({opened} + {refused}) > 0.2",
            f"People cannot connect to {of.shown}: their tokens are refused",
            "{{ $value | humanizePercentage }} of attempts end with 4400. Compare the keys in spec.auth with those "
            "that your login service signs with.",
        ),
    ]


def _pushing(of: Selection) -> list[Alert]:
    gateways = of.pods("gateway")
    dropped = f'sum(rate(parley_drops_total{{reason=~"withheld|notice",{gateways}}}[{of.short}]))'
    return [
        Alert(
            "ParleySlowClients",
            "warning",
            "15m",
            f"{dropped} / sum(rate(parley_frames_sent_total{{{gateways}}}[{of.short}])) > 0.05",
            f"Many clients of {of.shown} read too slowly",
            "{{ $value | humanizePercentage }} of frames are held back; these clients fetch them later. A network "
            "between gateways and people may be slow, or a new client may confirm too seldom.",
        ),
        Alert(
            "ParleyResyncs",
            "warning",
            "10m",
            f"max by (cause) (increase(parley_resyncs_total{{{gateways}}}[{of.long}])) > 3",
            f"Gateways of {of.shown} tell all their clients again and again to fetch what they missed",
            f"{{{{ $value | humanize }}}} times within {of.long}, because of {{{{ $labels.cause }}}}. Look at Redis: "
            "its memory, its evictions and its restarts.",
        ),
    ]


def _saturation(of: Selection) -> list[Alert]:
    everywhere = of.pods()
    return [
        Alert(
            "ParleyGatewayQueueDeep",
            "warning",
            "10m",
            f'parley_queue_depth{{queue="calls",{of.pods("gateway")}}} > {BATCH_CALLS * of.partitions}',
            f"Requests wait in a gateway of {of.shown}, because chat does not keep up",
            "{{ $value | humanize }} calls wait in {{ $labels.pod }}, more than one batch in each lane. Raise the "
            "replicas of chat, or find out what it waits for.",
        ),
        Alert(
            "ParleyFileDescriptorsNearLimit",
            "warning",
            "10m",
            f"process_open_fds{{{everywhere}}} / process_max_fds{{{everywhere}}} > 0.8",
            f"A pod of {of.shown} will soon be unable to take connections",
            "{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its file descriptors. Raise the limit of the "
            "container runtime, or add pods.",
        ),
        Alert(
            "ParleyProcessBusy",
            "warning",
            "15m",
            f"rate(process_cpu_seconds_total{{{everywhere}}}[{of.short}]) > 0.9",
            f"A pod of {of.shown} works at the limit of one core",
            "{{ $labels.pod }} uses {{ $value | humanize }} cores, and one process hardly uses more. Raise the "
            "replicas of its component.",
        ),
    ]

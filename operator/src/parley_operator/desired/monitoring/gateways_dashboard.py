"""The dashboard of the gateways: who is connected, who leaves and why, and which clients are slow."""

from typing import Final

from parley_operator.desired.monitoring.panel import Board, Choice, Panel, Query, Section, dashboard
from parley_operator.desired.monitoring.selection import Selection

_RATE: Final = "[$__rate_interval]"
_WIDE: Final = 8


def gateways_dashboard(of: Selection, place: str) -> Board:
    """The dashboard; `place` tells it from those of other ChatClusters."""
    pods = f'{of.pods("gateway")},pod=~"$gateway"'
    return dashboard(
        f"parley-gateways-{place}",
        f"Parley / Gateways / {of.namespace}/{of.name}",
        f"Sockets of {of.shown}: connections, close codes, slow clients, resyncs and drains.",
        of.interval,
        [_connections(of, pods), _frames(pods), _slow_clients(pods), _drains(pods), _presence(of), _processes(pods)],
        [Choice("gateway", "Gateway", f"parley_connections{{{of.pods('gateway')}}}", "pod")],
    )


def _connections(of: Selection, pods: str) -> Section:
    return Section(
        "Connections",
        [
            Panel(
                "Open connections",
                "Usable is what all gateways carry while one of them is away.",
                "short",
                [Query(f"sum(parley_connections{{{pods}}})", "open"), Query(f"vector({of.usable})", "usable")],
            ),
            Panel(
                "Open connections by gateway",
                f"Meant are {of.target}; the grace period is enough for {of.overfull}.",
                "short",
                [Query(f"parley_connections{{{pods}}}", "{{pod}}")],
                limit=float(of.overfull),
            ),
            Panel(
                "Opened and closed",
                "Connections each second. Many of both are a storm of reconnecting clients.",
                "cps",
                [
                    Query(f"sum(rate(parley_connections_opened_total{{{pods}}}{_RATE}))", "opened"),
                    Query(f"sum(rate(parley_connections_closed_total{{{pods}}}{_RATE}))", "closed"),
                ],
            ),
            Panel(
                "Closed by code",
                "4000 drain, 4001 silent, 4008 stalled, 4010 no answer of chat, 44xx tokens, 45xx stay away.",
                "cps",
                [Query(f"sum by (code) (rate(parley_connections_closed_total{{{pods}}}{_RATE}))", "{{code}}")],
                stacked=True,
            ),
        ],
    )


def _frames(pods: str) -> Section:
    delivered = f'rate(parley_stage_seconds_bucket{{stage="deliver",{pods}}}{_RATE})'
    return Section(
        "Frames",
        [
            Panel(
                "Frames from clients, by type",
                "What people ask for.",
                "cps",
                [Query(f"sum by (type) (rate(parley_frames_received_total{{{pods}}}{_RATE}))", "{{type}}")],
                width=_WIDE,
                stacked=True,
            ),
            Panel(
                "Frames to clients, by type",
                "Answers and deliveries.",
                "cps",
                [Query(f"sum by (type) (rate(parley_frames_sent_total{{{pods}}}{_RATE}))", "{{type}}")],
                width=_WIDE,
                stacked=True,
            ),
            Panel(
                "Delivery by gateway, 99th percentile",
                "From the acknowledgement to the socket. One gateway that stands out is busy or far from Redis.",
                "s",
                [Query(f"histogram_quantile(0.99, sum by (pod, le) ({delivered}))", "{{pod}}")],
                width=_WIDE,
                limit=0.3,
            ),
        ],
    )


def _slow_clients(pods: str) -> Section:
    return Section(
        "Slow clients and resyncs",
        [
            Panel(
                "Frames not sent to slow clients, by reason",
                "withheld: fetched later; notice: fetched after a resync; fleeting: typing and presence, not missed.",
                "cps",
                [Query(f"sum by (reason) (rate(parley_drops_total{{{pods}}}{_RATE}))", "{{reason}}")],
                width=_WIDE,
            ),
            Panel(
                "Resyncs, by cause",
                "A gateway may have missed something and tells all its clients to fetch it.",
                "short",
                [Query(f"sum by (cause) (increase(parley_resyncs_total{{{pods}}}{_RATE}))", "{{cause}}")],
                width=_WIDE,
            ),
            Panel(
                "Calls that wait for chat",
                "They grow when chat does not keep up.",
                "short",
                [Query(f'parley_queue_depth{{queue="calls",{pods}}}', "{{pod}}")],
                width=_WIDE,
            ),
        ],
    )


def _presence(of: Selection) -> Section:
    pods = of.pods("presence")
    return Section(
        "Presence",
        [
            Panel(
                "Users who leave or were left behind",
                "leaving: their grace runs or is over; left_behind: their gateway ended without a word. Both go to 0.",
                "short",
                [Query(f'sum by (state) (parley_presence_users{{state!="connected",{pods}}})', "{{state}}")],
                width=_WIDE,
            ),
            Panel(
                "Users declared offline",
                "Each second; after a gateway with many users was lost, as many as presence can.",
                "cps",
                [Query(f"sum(rate(parley_presence_offline_total{{{pods}}}{_RATE}))", "declared offline")],
                width=_WIDE,
            ),
            Panel(
                "Users connected, and gateways lost",
                "As the registry has them; a gateway is lost when it ends without a word.",
                "short",
                [
                    Query(f'sum(parley_presence_users{{state="connected",{pods}}})', "connected"),
                    Query(f"sum(increase(parley_presence_gateways_lost_total{{{pods}}}{_RATE}))", "gateways lost"),
                ],
                width=_WIDE,
            ),
        ],
    )


def _drains(pods: str) -> Section:
    return Section(
        "Drains",
        [
            Panel(
                "Clients that left a draining gateway",
                "Connections closed with 4000 each second, by gateway: how quickly a drain goes on.",
                "cps",
                [Query(f'rate(parley_connections_closed_total{{code="4000",{pods}}}{_RATE})', "{{pod}}")],
            ),
            Panel(
                "Gateways that answer",
                "Gateways whose metrics can be read; one is away while it is replaced.",
                "short",
                [Query(f"sum(up{{{pods}}})", "answer")],
            ),
        ],
    )


def _processes(pods: str) -> Section:
    network = f"rate(container_network_{{}}_bytes_total{{{{{pods}}}}}{_RATE})"
    return Section(
        "Processes",
        [
            Panel(
                "Cores in use",
                "A gateway is one process, and hardly uses more than one.",
                "short",
                [Query(f"rate(process_cpu_seconds_total{{{pods}}}{_RATE})", "{{pod}}")],
                limit=0.9,
            ),
            Panel(
                "Memory in use",
                "It grows with connections and with what slow clients have not read.",
                "bytes",
                [Query(f"process_resident_memory_bytes{{{pods}}}", "{{pod}}")],
            ),
            Panel(
                "File descriptors in use",
                "Each socket needs one.",
                "short",
                [Query(f"process_open_fds{{{pods}}}", "{{pod}}"), Query(f"min(process_max_fds{{{pods}}})", "limit")],
            ),
            Panel(
                "Network traffic",
                "Of the pods, as the kubelet counts it; empty where its metrics are not read.",
                "Bps",
                [
                    Query(f"sum({network.format('receive')})", "received"),
                    Query(f"sum({network.format('transmit')})", "sent"),
                ],
            ),
        ],
    )

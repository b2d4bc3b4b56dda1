"""Examples of the alerts of gateways and pods."""

from typing import Final

from monitoring_examples import (
    CHAT,
    GATEWAY,
    OTHER_GATEWAY,
    PARTS,
    PRESENCE,
    SEQUENCER,
    Example,
    closed,
    counter,
    gauge,
    opened,
    up,
)

_DAY_S: Final = 86_400

GATEWAY_EXAMPLES: Final = (
    Example(
        "ParleyConnectionsLost",
        {f"parley_connections{{{GATEWAY}}}": "1000x35 400x30", f"parley_connections{{{OTHER_GATEWAY}}}": "0x70"},
        # They went to another gateway.
        {f"parley_connections{{{GATEWAY}}}": "1000x35 0x30", f"parley_connections{{{OTHER_GATEWAY}}}": "0x35 700x30"},
    ),
    Example(
        "ParleyReconnectStorm",
        gauge("parley_connections", GATEWAY, 1000) | opened(120),
        gauge("parley_connections", GATEWAY, 1000) | opened(80),
    ),
    Example(
        "ParleyConnectionsNearCapacity",
        gauge("parley_connections", GATEWAY, 19_000) | gauge("parley_connections", OTHER_GATEWAY, 18_000),
        gauge("parley_connections", GATEWAY, 19_000) | gauge("parley_connections", OTHER_GATEWAY, 16_000),
    ),
    Example(
        "ParleyGatewayOverfull",
        gauge("parley_connections", GATEWAY, 25_001) | gauge("parley_connections", OTHER_GATEWAY, 10),
        gauge("parley_connections", GATEWAY, 24_999) | gauge("parley_connections", OTHER_GATEWAY, 24_999),
    ),
    Example(
        "ParleySocketsClosedByFault",
        closed(4010, 6) | closed(1001, 94),
        closed(4010, 4) | closed(1001, 90) | closed(4000, 6),
    ),
    Example("ParleyTokensRefused", opened(60) | closed(4400, 20), opened(60) | closed(4400, 10) | closed(4401, 60)),
    Example(
        "ParleySlowClients",
        counter("parley_drops_total", f'reason="withheld",{GATEWAY}', 6)
        | counter("parley_frames_sent_total", f'type="message",{GATEWAY}', 100),
        counter("parley_drops_total", f'reason="fleeting",{GATEWAY}', 60)
        | counter("parley_frames_sent_total", f'type="message",{GATEWAY}', 100),
    ),
    Example(
        "ParleyResyncs",
        counter("parley_resyncs_total", f'cause="gap",{GATEWAY}', 0.3),
        # Once in many gateways is not often in one.
        {
            f'parley_resyncs_total{{cause="gap",namespace="talk",pod="chat-gateway-{number}"}}': "0x35 1x30"
            for number in range(20)
        },
    ),
    Example(
        "ParleyGatewayQueueDeep",
        gauge("parley_queue_depth", f'queue="calls",{GATEWAY}', 769),
        gauge("parley_queue_depth", f'queue="calls",{GATEWAY}', 767)
        | gauge("parley_queue_depth", f'queue="calls",{OTHER_GATEWAY}', 767),
    ),
    Example(
        "ParleyFileDescriptorsNearLimit",
        gauge("process_open_fds", GATEWAY, 850) | gauge("process_max_fds", GATEWAY, 1000),
        gauge("process_open_fds", GATEWAY, 790) | gauge("process_max_fds", GATEWAY, 1000),
    ),
    Example(
        "ParleyProcessBusy",
        counter("process_cpu_seconds_total", SEQUENCER, 57),
        counter("process_cpu_seconds_total", SEQUENCER, 50) | counter("process_cpu_seconds_total", GATEWAY, 50),
    ),
)

POD_EXAMPLES: Final = (
    Example("ParleyComponentDown", up(GATEWAY, SEQUENCER) | up(CHAT, value=0), up(*PARTS), alerts=2),
    Example("ParleyReceiptsOrPresenceDown", up(PRESENCE), up(*PARTS)),
    Example(
        "ParleyGatewaysNotReady",
        gauge("kube_pod_status_ready", f'condition="true",{GATEWAY}', 0)
        | gauge("kube_pod_status_ready", f'condition="false",{GATEWAY}', 1),
        # One of two is replaced.
        gauge("kube_pod_status_ready", f'condition="true",{GATEWAY}', 0)
        | gauge("kube_pod_status_ready", f'condition="true",{OTHER_GATEWAY}', 1),
    ),
    Example("ParleyPodNotScraped", up(GATEWAY) | up(OTHER_GATEWAY, value=0), up(*PARTS)),
    Example(
        "ParleyPodRestarting",
        counter("kube_pod_container_status_restarts_total", f'container="chat",{CHAT}', 0.1),
        {f'kube_pod_container_status_restarts_total{{container="chat",{CHAT}}}': "0x25 1x10 2x30"},
    ),
    Example(
        "ParleyCertificateExpires",
        gauge("certmanager_certificate_expiration_timestamp_seconds", 'name="web",namespace="talk"', 7 * _DAY_S),
        gauge("certmanager_certificate_expiration_timestamp_seconds", 'name="web",namespace="talk"', 8 * _DAY_S)
        | gauge("certmanager_certificate_expiration_timestamp_seconds", 'name="mail",namespace="talk"', 0),
        at="90m",
    ),
)

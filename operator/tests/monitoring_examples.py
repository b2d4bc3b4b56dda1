"""For each alert series with which it fires, and others, nearly the same, with which it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inputs_example import everything

from parley_operator.desired.inputs import Inputs

Series = Mapping[str, str]
"""Values by series, in the notation of promtool: `0+60x60` is a counter that grows by one each second."""


@dataclass(frozen=True, slots=True)
class Example:
    """An alert, what makes it fire `alerts` times at the time `at`, and what does not."""

    alert: str
    fires: Series
    quiet: Series
    at: str = "45m"
    alerts: int = 1
    interval: str = "1m"


GATEWAY: Final = 'namespace="talk",pod="chat-gateway-0"'
OTHER_GATEWAY: Final = 'namespace="talk",pod="chat-gateway-1"'
CHAT: Final = 'namespace="talk",pod="chat-chat-6d5f7c9b8f-abcde"'
SEQUENCER: Final = 'namespace="talk",pod="chat-sequencer-6d5f7c9b8f-abcde"'
FANOUT: Final = 'namespace="talk",pod="chat-fanout-6d5f7c9b8f-abcde"'
RECEIPTS: Final = 'namespace="talk",pod="chat-receipts-6d5f7c9b8f-abcde"'
PRESENCE: Final = 'namespace="talk",pod="chat-presence-6d5f7c9b8f-abcde"'
PARTS: Final = (GATEWAY, CHAT, SEQUENCER, FANOUT, RECEIPTS, PRESENCE)


def watched() -> Inputs:
    """A ChatCluster to which every alert applies."""
    ingress = {"host": "chat.example.com", "tlsSecret": "web", "certManagerIssuer": {"name": "public"}}
    return everything(exposure={"ingress": ingress}, components={"gateway": {"replicas": 3}})


def counter(name: str, labels: str, each_minute: float) -> dict[str, str]:
    """A counter that grows evenly."""
    return {f"{name}{{{labels}}}": f"0+{each_minute:g}x120"}


def gauge(name: str, labels: str, value: float) -> dict[str, str]:
    """A gauge that stays as it is."""
    return {f"{name}{{{labels}}}": f"{value:g}+0x120"}


def stage(name: str, pod: str, counts: Mapping[str, float]) -> dict[str, str]:
    """Durations of a stage: how many each minute are at most so long; `+Inf` is all of them."""
    return {
        series: values
        for bound, count in counts.items()
        for series, values in counter(
            "parley_stage_seconds_bucket", f'stage="{name}",le="{bound}",{pod}', count
        ).items()
    }


def refusals(code: str, pod: str, each_minute: float) -> dict[str, str]:
    """Errors that a pod gave."""
    return counter("parley_refusals_total", f'code="{code}",{pod}', each_minute)


def frames(each_minute: float, kind: str = "send") -> dict[str, str]:
    """Frames that came to a gateway."""
    return counter("parley_frames_received_total", f'type="{kind}",{GATEWAY}', each_minute)


def accepted(each_minute: float) -> dict[str, str]:
    """Changes that were acknowledged."""
    return counter("parley_messages_accepted_total", f'kind="message",{CHAT}', each_minute)


def sequenced(each_minute: float) -> dict[str, str]:
    """Changes that got their place in the order."""
    return counter("parley_messages_sequenced_total", f'kind="message",{SEQUENCER}', each_minute)


def opened(each_minute: float) -> dict[str, str]:
    """Sockets that were opened."""
    return counter("parley_connections_opened_total", GATEWAY, each_minute)


def closed(code: int, each_minute: float) -> dict[str, str]:
    """Sockets that were closed."""
    return counter("parley_connections_closed_total", f'code="{code}",{GATEWAY}', each_minute)


def lag(topic: str, pod: str, values: str, partition: int = 0) -> dict[str, str]:
    """Records that wait, as a pod tells it."""
    return {f'parley_consumer_lag{{topic="{topic}",partition="{partition}",{pod}}}': values}


def up(*pods: str, value: int = 1) -> dict[str, str]:
    """Whether Prometheus reaches these pods."""
    return {series: values for pod in pods for series, values in gauge("up", pod, value).items()}

"""Frames by type, without looking a label up for every frame."""

from typing import Final

from prometheus_client import Counter

from parley.protocol.client_frames import AnyClientFrame
from parley.protocol.server_frames import AnyServerFrame, ErrorFrame
from parley.runtime.metrics import FRAMES_IN, FRAMES_OUT, REFUSALS

_received: Final[dict[type, Counter]] = {}
_sent: Final[dict[type, Counter]] = {}


def count_received(frame: AnyClientFrame) -> None:
    """Count a frame that a client sent."""
    _child(_received, FRAMES_IN, frame).inc()


def count_sent(frame: AnyServerFrame, times: int = 1) -> None:
    """Count a frame that went to so many clients."""
    _child(_sent, FRAMES_OUT, frame).inc(times)


def count_refusal(frame: AnyServerFrame) -> None:
    """Count a refusal that the gateway made itself; chat counts its own."""
    if isinstance(frame, ErrorFrame):
        REFUSALS.labels(frame.code).inc()


def _child(known: dict[type, Counter], metric: Counter, frame: AnyClientFrame | AnyServerFrame) -> Counter:
    child = known.get(type(frame))
    if child is None:
        child = known[type(frame)] = metric.labels(str(frame.__struct_config__.tag))
    return child

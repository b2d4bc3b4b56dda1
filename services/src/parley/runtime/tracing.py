"""Where a message is on its way, told to OpenTelemetry if an endpoint is set; otherwise nothing is recorded.

A message that was chosen where it came in carries its context, a W3C `traceparent`, through batches, logs and channels;
all others carry the empty string. Each stage hangs its span below the one that it was handed, and hands on its own.
A stage that records nothing hands on what it got, so that a trace survives a process without an endpoint.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Protocol, Self, TypeAlias

import structlog

from parley.domain.errors import ParleyError

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN: Final = "http/protobuf"

Attributes: TypeAlias = Mapping[str, str | int]
_NONE: Final[Attributes] = {}

_log: Final = structlog.get_logger("parley.tracing")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the way, in the words of OpenTelemetry's conventions for messaging: `OPERATION DESTINATION`."""

    name: str
    kind: Literal["server", "producer", "consumer"]
    operation: str
    operation_type: Literal["receive", "send", "process"]
    destination: str
    group: str | None = None


RECEIVE: Final = Stage("receive", "server", "receive", "receive", "socket")
REQUEST: Final = Stage("receive", "server", "receive", "receive", "http")
ACCEPT: Final = Stage("accept", "producer", "send", "send", "ingress")
SEQUENCE: Final = Stage("sequence", "consumer", "process", "process", "ingress", "sequencer")
FANOUT: Final = Stage("fanout", "consumer", "process", "process", "timeline", "fanout")
DELIVER: Final = Stage("deliver", "consumer", "deliver", "process", "channel")


class Span(Protocol):
    """A stage that began. `context` is what the next one gets."""

    @property
    def context(self) -> str:
        """The W3C `traceparent` of this span."""
        ...

    def end(self, error: str | None = None, attributes: Attributes = _NONE) -> None:
        """Close it once; `error` is a code, never a text that could quote somebody."""
        ...


class Tracer(Protocol):
    """What records spans. None of its methods waits or raises."""

    def begin(self, stage: Stage, attributes: Attributes) -> Span | None:
        """Begin a trace; None when this message is not chosen."""
        ...

    def follow(self, stage: Stage, parent: str, attributes: Attributes) -> Span | None:
        """Go on with a trace; None when the parent is malformed, or not chosen."""
        ...


class _Process:
    """What this process records with."""

    tracer: Tracer | None = None


def tracing() -> bool:
    """Whether spans are recorded at all: what only they need is made only then."""
    return _Process.tracer is not None


def begin(stage: Stage, attributes: Attributes = _NONE) -> Span | None:
    """Begin the trace of a message where it comes in, if it is chosen."""
    tracer = _Process.tracer
    return None if tracer is None else tracer.begin(stage, attributes)


def follow(stage: Stage, parent: str, attributes: Attributes = _NONE) -> Span | None:
    """Begin the span of a stage below the context that came with the message, if one came."""
    tracer = _Process.tracer
    return None if tracer is None or not parent else tracer.follow(stage, parent, attributes)


def described(conversation: str, trace: str, message_id: int | str | None = None, **more: str | int) -> Attributes:
    """What a span says of a message: where it belongs and which lines of the logs are its own, never what it says."""
    named: dict[str, str | int] = {"messaging.message.conversation_id": conversation, "parley.trace": trace}
    if message_id is not None:
        named["messaging.message.id"] = str(message_id)
    return {**named, **{f"parley.{name}": value for name, value in more.items()}}


class Batch:
    """The spans of messages that a stage works off together: what fails the batch is the error of all that are open."""

    __slots__ = ("_spans", "_stage")

    def __init__(self, stage: Stage) -> None:
        """Begin no span yet."""
        self._stage = stage
        self._spans: dict[str, Span] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._spans:
            code = None if error is None else _code_of(error)
            for span in self._spans.values():
                span.end(code)

    def follow(self, parent: str, attributes: Attributes = _NONE) -> str:
        """Begin a message's span; returns the context to hand on, which is the parent's if nothing is recorded."""
        span = follow(self._stage, parent, attributes)
        if span is None:
            return parent
        self._spans[span.context] = span
        return span.context

    def fail(self, context: str, code: str) -> None:
        """Close the span that has this context, if there is one, with an error of its own."""
        span = self._spans.pop(context, None)
        if span is not None:
            span.end(code)


def _code_of(error: BaseException) -> str:
    return str(error.code) if isinstance(error, ParleyError) else type(error).__name__


@contextmanager
def exporting(service: str, instance: str) -> Iterator[None]:
    """Record spans while the block runs, if the environment wants it. What is wrong with it costs the traces only."""
    _Process.tracer = export = _export(service, instance) if _wanted() else None
    try:
        yield
    finally:
        _Process.tracer = None
        if export is not None:
            export.close()


class Export(Tracer, Protocol):
    """A tracer that sends its spans away."""

    def close(self) -> None:
        """Send what waits, for a short while at most."""
        ...


def _wanted() -> bool:
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    elsewhere = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() not in {"otlp", ""}
    if off or elsewhere or not any(os.environ.get(name) for name in _ENDPOINTS):
        return False
    named = next((name for name in _PROTOCOLS if os.environ.get(name)), None)
    if named is None or os.environ[named] == _SPOKEN:
        return True
    _log.error(
        "no traces are recorded: spans can only be sent by http/protobuf. Leave the variable out, and let the endpoint "
        "name the collector's port for HTTP, which usually is 4318",
        variable=named, value=os.environ[named],
    )  # fmt: skip
    return False


def _export(service: str, instance: str) -> Export | None:
    from parley.runtime.trace_export import OtlpExport  # noqa: PLC0415 - only who wants traces pays for the SDK

    try:
        return OtlpExport(service, instance)
    except Exception as error:  # noqa: BLE001 - whatever the SDK has against its variables, messages come first
        _log.error("no traces are recorded: OpenTelemetry refuses an OTEL_ variable; correct it", cause=str(error))
        return None

"""Spans to a collector, by OTLP over HTTP. Imported only when an endpoint is set.

The SDK reads the standard OTEL_ variables itself: endpoint, headers, certificates, sampler, limits of the queue. Spans
wait in a bounded queue for a thread of their own; what has no room, or is not taken, is counted and lost.
"""

import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import (
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_VERSION,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span as SdkSpan
from opentelemetry.trace import SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation import set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from typing_extensions import override

from parley.runtime.metrics import SPANS
from parley.runtime.tracing import Attributes, Export, Span, Stage

_SYSTEM: Final = "parley"
_TRACEPARENT: Final = "traceparent"
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_NOWHERE: Final = Context()
_NONE: Final[Attributes] = {}
_KINDS: Final = {"server": SpanKind.SERVER, "producer": SpanKind.PRODUCER, "consumer": SpanKind.CONSUMER}

_QUEUE: Final = "OTEL_BSP_MAX_QUEUE_SIZE"
_QUEUED_SPANS: Final = 2_048
_CLOSE_S: Final = 2.0
"""How long the end of the process may wait for a collector."""
_COMPLAIN_EVERY_S: Final = 60.0

_log: Final = structlog.get_logger("parley.tracing")


class OtlpExport(Export):
    """Makes spans of stages with the SDK. Raises ValueError at the start for variables that the SDK refuses."""

    def __init__(self, service: str, instance: str) -> None:
        """Connect nothing yet; `service` and `instance` are names unless the environment gives others."""
        defaults = {SERVICE_NAME: service, SERVICE_INSTANCE_ID: instance or socket.gethostname()}
        given = OTELResourceDetector().detect().attributes
        resource = Resource.create({**defaults, SERVICE_VERSION: version("parley"), **given})
        # Its own end at the interpreter's exit would wait for a dead collector.
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = _WatchedExporter(OTLPSpanExporter(), OTLPSpanExporter.__module__)
        self._provider.add_span_processor(_BoundedProcessor(exporter))
        self._tracer = self._provider.get_tracer("parley", version("parley"))

    @override
    def begin(self, stage: Stage, attributes: Attributes) -> Span | None:
        return self._start(stage, _NOWHERE, attributes)

    @override
    def follow(self, stage: Stage, parent: str, attributes: Attributes) -> Span | None:
        context = _PROPAGATOR.extract({_TRACEPARENT: parent}, _NOWHERE)
        above = get_current_span(context).get_span_context()
        if not above.is_valid or not above.trace_flags.sampled:
            return None
        return self._start(stage, context, attributes)

    @override
    def close(self) -> None:
        thread = threading.Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        thread.start()
        thread.join(_CLOSE_S)
        if thread.is_alive():
            _log.warning("the last spans were not sent: the collector did not take them in time", seconds=_CLOSE_S)

    def _start(self, stage: Stage, context: Context, attributes: Attributes) -> Span | None:
        span = self._tracer.start_span(
            f"{stage.operation} {stage.destination}",
            context,
            _KINDS[stage.kind],
            {**_attributes_of(stage), **attributes},
        )
        return _Recorded(span) if span.is_recording() and span.get_span_context().trace_flags.sampled else None


class _Recorded(Span):
    """A span of the SDK."""

    __slots__ = ("_context", "_span")

    def __init__(self, span: SdkSpan) -> None:
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, set_span_in_context(span, _NOWHERE))
        self._span = span
        self._context = carrier[_TRACEPARENT]

    @property
    @override
    def context(self) -> str:
        return self._context

    @override
    def end(self, error: str | None = None, attributes: Attributes = _NONE) -> None:
        self._span.set_attributes(attributes)
        if error is not None:
            self._span.set_attribute("error.type", error)
            self._span.set_status(Status(StatusCode.ERROR, error))
        self._span.end()


def _attributes_of(stage: Stage) -> Attributes:
    group = {"messaging.consumer.group.name": stage.group} if stage.group else {}
    return {
        "messaging.system": _SYSTEM,
        "messaging.operation.name": stage.operation,
        "messaging.operation.type": stage.operation_type,
        "messaging.destination.name": stage.destination,
        "parley.stage": stage.name,
        **group,
    }


class _WatchedExporter(SpanExporter):
    """Counts what the collector took, and complains once a minute at most while it takes nothing."""

    def __init__(self, inner: SpanExporter, logger: str) -> None:
        """Send by `inner`; `logger` is where it says what went wrong, which is told here in its place."""
        self._inner = inner
        self._logger = logging.getLogger(logger)
        self._reason = _LastWords()
        self._silent_until = 0.0
        self._lost = 0
        self.took = _nothing
        self._logger.addFilter(self._reason)

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.took(len(spans))
        self._reason.heard.clear()
        result = self._inner.export(spans)
        if result is SpanExportResult.SUCCESS:
            SPANS.labels("exported").inc(len(spans))
            if self._lost:
                _log.info("spans are sent again", lost=self._lost)
            self._lost, self._silent_until = 0, 0.0
            return result
        SPANS.labels("failed").inc(len(spans))
        self._lost += len(spans)
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + _COMPLAIN_EVERY_S
            _log.warning(
                "spans are lost, messages are not: the collector does not take them. Check the OTEL_ variables and "
                "whether it can be reached",
                lost=self._lost, cause="; ".join(self._reason.heard),
            )  # fmt: skip
        return result

    @override
    def shutdown(self) -> None:
        self._inner.shutdown()
        self._logger.removeFilter(self._reason)


class _LastWords(logging.Filter):
    """Keeps the last that the SDK's exporter says of a batch, in place of a line for every attempt."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: deque[str] = deque(maxlen=2)

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        self.heard.append(record.getMessage())
        return False


class _BoundedProcessor(BatchSpanProcessor):
    """The SDK's queue, which counts what it has no room for: the new span is dropped."""

    def __init__(self, exporter: _WatchedExporter) -> None:
        self._room = _queue_size()
        self._lock = threading.Lock()
        exporter.took = self._took
        super().__init__(exporter, max_queue_size=self._room)

    @override
    def on_end(self, span: ReadableSpan) -> None:
        with self._lock:
            full = self._room <= 0
            self._room -= 0 if full else 1
        if full:
            SPANS.labels("dropped").inc()
        else:
            super().on_end(span)

    def _took(self, spans: int) -> None:
        with self._lock:
            self._room += spans


def _nothing(spans: int) -> None:
    """Stand in until a queue wants to hear what left it."""


def _queue_size() -> int:
    given = os.environ.get(_QUEUE) or str(_QUEUED_SPANS)
    if not given.strip().isdecimal():
        message = f"{_QUEUE} is {given!r}; allowed is a number of spans"
        raise ValueError(message)
    return int(given)

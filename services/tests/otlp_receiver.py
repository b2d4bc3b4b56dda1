"""A collector for tests: takes spans by OTLP over HTTP and keeps them."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typing_extensions import override

from tests.patience import STILL_S


@dataclass(frozen=True)
class TakenSpan:
    """What a test asks of a span. `parent` is empty for the first of a trace."""

    service: str
    name: str
    kind: int
    trace: str
    identifier: str
    parent: str
    attributes: dict[str, str | int]
    failed: bool
    begin_ns: int
    end_ns: int


@dataclass
class Receiver:
    """`bodies` are as they came, to search for what must never be in one."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    spans: list[TakenSpan] = field(default_factory=list)

    def until(self, count: int) -> list[TakenSpan]:
        """Wait until so many spans have come."""
        deadline = time.monotonic() + STILL_S
        while len(self.spans) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.spans) >= count, f"{len(self.spans)} spans came: {self.spans}"
        return list(self.spans)

    def take(self, body: bytes, headers: dict[str, str]) -> None:
        """Keep a request."""
        body = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
        self.bodies.append(body)
        self.headers.append(headers)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = str(_values(group.resource.attributes)["service.name"])
            for scope in group.scope_spans:
                self.spans += [_taken(service, span) for span in scope.spans]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.receiver = receiver = Receiver(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
        if right:
            self.server.receiver.take(body, dict(self.headers.items()))  # type: ignore[attr-defined]
        self.send_response(200 if right else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _taken(service: str, span: Any) -> TakenSpan:
    return TakenSpan(
        service,
        span.name,
        span.kind,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        _values(span.attributes),
        span.status.code == span.status.STATUS_CODE_ERROR,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
    )


def _values(attributes: Any) -> dict[str, str | int]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}

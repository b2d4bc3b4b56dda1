"""One trace follows a message from socket to socket, and no collector is ever in a message's way."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from parley.client import ParleyClient
from tests.otlp_receiver import TakenSpan, receiving
from tests.patience import STILL_S
from tests.platform import Platform

pytestmark = pytest.mark.slow

SENDER, READER = "annabella", "bartholomew"
WORDS = "nobody else may read this"
QUICK = {"OTEL_BSP_SCHEDULE_DELAY": "50", "PARLEY_LOG_LEVEL": "info", "PARLEY_LOG_FORMAT": "json"}
WAY = [
    ("receive socket", Span.SPAN_KIND_SERVER, "receive"),
    ("send ingress", Span.SPAN_KIND_PRODUCER, "accept"),
    ("process ingress", Span.SPAN_KIND_CONSUMER, "sequence"),
    ("process timeline", Span.SPAN_KIND_CONSUMER, "fanout"),
    ("deliver channel", Span.SPAN_KIND_CONSUMER, "deliver"),
]
NAMES_OF_IMPORTS = """
import atexit, pathlib, sys
atexit.register(lambda: pathlib.Path({path!r}).write_text("\\n".join(sorted(sys.modules))))
"""


@contextmanager
def platform(folder: Path, **environment: str) -> Iterator[Platform]:
    running = Platform(folder / "data", {**QUICK, **environment}).start()
    try:
        yield running
        assert running.stop() == 0
    finally:
        running.kill()


async def say(running: Platform, *texts: str) -> None:
    """Say these things, and wait until the other one has heard all of them."""
    async with (
        ParleyClient(running.url, running.token(SENDER), listen=False) as sender,
        ParleyClient(running.url, running.token(READER), start="beginning") as reader,
    ):
        heard = reader.messages()
        for text in texts:
            await sender.send(text, to=READER)
            message = await anext(heard)
            assert message.entry.content is not None
            assert message.entry.content.text == text


def talk(running: Platform, *texts: str) -> None:
    asyncio.run(asyncio.wait_for(say(running, *texts), 120))


def stored(folder: Path) -> bytes:
    """Every byte that the platform keeps."""
    return b"".join(file.read_bytes() for file in (folder / "data").rglob("*") if file.is_file())


def way_of(spans: list[TakenSpan]) -> list[tuple[str, int, str]]:
    """From the first span down, each the parent of the next."""
    below = {span.parent: span for span in spans}
    assert len(below) == len(spans), "two spans have the same parent"
    way, place = [], ""
    while place in below:
        span = below[place]
        way.append((span.name, span.kind, str(span.attributes["parley.stage"])))
        place = span.identifier
    return way


def test_one_trace_follows_a_message_from_socket_to_socket(tmp_path: Path) -> None:
    with receiving() as receiver:
        with platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as running:
            talk(running, WORDS)
        spans = receiver.until(len(WAY))
    assert len({span.trace for span in spans}) == 1
    assert way_of(spans) == WAY
    assert {span.service for span in spans} == {"parley"}
    assert not any(span.failed for span in spans)
    assert all(span.begin_ns <= span.end_ns for span in spans)
    assert len({span.attributes["parley.trace"] for span in spans}) == 1


def test_spans_are_described_in_the_words_of_the_conventions(tmp_path: Path) -> None:
    with receiving() as receiver:
        with platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as running:
            talk(running, WORDS)
        spans = {str(span.attributes["parley.stage"]): span.attributes for span in receiver.until(len(WAY))}
    assert {attributes["messaging.system"] for attributes in spans.values()} == {"parley"}
    assert {name: attributes["messaging.operation.type"] for name, attributes in spans.items()} == {
        "receive": "receive", "accept": "send", "sequence": "process", "fanout": "process", "deliver": "process",
    }  # fmt: skip
    told = [spans[stage] for stage in ("sequence", "fanout", "deliver")]
    assert len({attributes["messaging.message.id"] for attributes in told}) == 1
    assert len({attributes["messaging.message.conversation_id"] for attributes in told}) == 1
    assert spans["deliver"]["parley.seq"] == spans["fanout"]["parley.seq"] == 1
    assert spans["deliver"]["parley.connections"] == 2


def test_g7_no_span_holds_a_text_a_token_or_a_name(tmp_path: Path) -> None:
    with receiving() as receiver:
        with platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as running:
            token = running.token(SENDER)
            talk(running, WORDS)
        receiver.until(len(WAY))
    sent = b"".join(receiver.bodies)
    assert not [word for word in (WORDS, token, SENDER, READER) if word.encode() in sent]


def test_a_message_by_the_http_api_is_traced_from_there(tmp_path: Path) -> None:
    with receiving() as receiver, platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url) as running:
        answer = httpx.post(
            f"{running.url}/v1/direct/{READER}/messages",
            headers={"Authorization": f"Bearer {running.token(SENDER)}"},
            json={"content": {"text": WORDS}},
        )
        assert answer.is_success, answer.text
        spans = receiver.until(4)
    assert way_of(spans)[:1] == [("receive http", Span.SPAN_KIND_SERVER, "receive")]
    assert way_of(spans)[1:] == WAY[1:4]


def test_the_standard_variables_are_heard(tmp_path: Path) -> None:
    with receiving() as receiver:
        with platform(
            tmp_path,
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{receiver.url}/v1/traces",
            OTEL_EXPORTER_OTLP_HEADERS="x-tenant=chat",
            OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
            OTEL_SERVICE_NAME="our-chat",
        ) as running:
            talk(running, WORDS)
        assert {span.service for span in receiver.until(len(WAY))} == {"our-chat"}
    assert {headers["x-tenant"] for headers in receiver.headers} == {"chat"}


def test_a_message_that_is_not_chosen_carries_no_context(tmp_path: Path) -> None:
    with receiving() as receiver:
        with platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, OTEL_TRACES_SAMPLER="always_off") as running:
            talk(running, WORDS)
        assert b"traceparent" not in stored(tmp_path)
        assert not receiver.bodies


def test_without_an_endpoint_nothing_is_imported_and_nothing_recorded(tmp_path: Path) -> None:
    names = imports_of(tmp_path)
    assert "parley.runtime.tracing" in names
    assert not [name for name in names if name.startswith(("opentelemetry", "google.protobuf"))]
    assert b"traceparent" not in stored(tmp_path)


def test_with_an_endpoint_both_are_seen_so_that_the_test_above_can_fail(tmp_path: Path) -> None:
    with receiving() as receiver:
        names = imports_of(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)
    assert "opentelemetry.sdk.trace" in names
    assert b"traceparent" in stored(tmp_path)


def imports_of(folder: Path, **environment: str) -> list[str]:
    """The modules that a platform has imported when it ends, after it carried a message."""
    path = folder / "modules"
    (folder / "sitecustomize.py").write_text(NAMES_OF_IMPORTS.format(path=str(path)))
    with platform(folder, PYTHONPATH=str(folder), **environment) as running:
        talk(running, WORDS)
    return path.read_text().splitlines()


@contextmanager
def refusing() -> Iterator[str]:
    """An endpoint where nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def silent() -> Iterator[str]:
    """An endpoint that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def refusing_all() -> Iterator[str]:
    """An endpoint that answers that there is nothing."""
    with receiving() as receiver:
        yield f"{receiver.url}/nowhere"


def spans_by_outcome(running: Platform) -> dict[str, float]:
    lines = httpx.get(f"{running.url}/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("parley_spans_total{")]
    return {line.split('"')[1]: float(line.rpartition(" ")[2]) for line in found}


def until_lost(running: Platform) -> dict[str, float]:
    """Wait until the platform says that it lost spans."""
    deadline = time.monotonic() + STILL_S
    while not (spans := spans_by_outcome(running)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert spans, "no span was lost"
    return spans


@pytest.mark.parametrize("dead", [refusing, silent, refusing_all])
def test_g5_a_dead_collector_costs_spans_and_no_message(
    tmp_path: Path, dead: Callable[[], AbstractContextManager[str]]
) -> None:
    small = {"OTEL_BSP_MAX_QUEUE_SIZE": "8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4"}
    with (
        dead() as endpoint,
        platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_EXPORTER_OTLP_TIMEOUT="600", **small) as running,
    ):
        talk(running, *(f"message {number}" for number in range(40)))
        assert "exported" not in until_lost(running)


def test_lost_spans_are_told_once_with_their_cause(tmp_path: Path) -> None:
    with (
        refusing_all() as endpoint,
        platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as running,
    ):
        talk(running, *(f"message {number}" for number in range(20)))
        until_lost(running)
    lines = running.log.read_text().splitlines()
    told = [line for line in lines if "spans are lost, messages are not" in line]
    assert len(told) == 1
    assert "404" in told[0]
    assert not [line for line in lines if "Failed to export" in line and line not in told]


@pytest.mark.parametrize(
    ("name", "value"), [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_BSP_MAX_QUEUE_SIZE", "many")]
)
def test_a_variable_that_does_not_fit_costs_the_traces_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    with receiving() as receiver:
        with platform(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, **{name: value}) as running:
            talk(running, WORDS)
        assert not receiver.bodies
    told = [line for line in running.log.read_text().splitlines() if "no traces are recorded" in line]
    assert len(told) == 1
    assert name in told[0]
    assert value in told[0]

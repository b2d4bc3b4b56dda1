"""What a stage does with the context that it was handed, whether it records or not."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime import tracing
from parley.runtime.tracing import ACCEPT, FANOUT, RECEIVE, Batch, begin, exporting, follow
from tests.runtime.recording_tracer import RecordingTracer

VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> RecordingTracer:
    recording = RecordingTracer()
    monkeypatch.setattr(tracing._Process, "tracer", recording)
    return recording


@given(st.text())
def test_a_stage_that_records_nothing_hands_on_what_it_got(context: str) -> None:
    assert not tracing.tracing()
    with Batch(FANOUT) as spans:
        assert spans.follow(context) == context
    assert begin(RECEIVE) is None
    assert follow(FANOUT, context) is None


def test_a_stage_hands_on_its_own_span_below_the_one_that_it_got(tracer: RecordingTracer) -> None:
    with Batch(ACCEPT) as spans:
        handed_on = spans.follow("from-the-gateway")
        assert tracer.spans[0].ends == []
    assert (tracer.spans[0].parent, tracer.spans[0].context) == ("from-the-gateway", handed_on)
    assert tracer.spans[0].ends == [None]


def test_a_message_without_context_begins_no_trace_on_its_way(tracer: RecordingTracer) -> None:
    with Batch(FANOUT) as spans:
        assert spans.follow("") == ""
    assert follow(FANOUT, "") is None
    assert tracer.spans == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ParleyError(ErrorCode.UNAVAILABLE, "the store at 10.0.0.1 is away"), "unavailable"),
        (KeyError("a text"), "KeyError"),
        (asyncio.CancelledError(), "CancelledError"),
    ],
)
def test_what_fails_a_batch_is_the_error_of_all_its_spans_and_goes_on(
    tracer: RecordingTracer, error: BaseException, code: str
) -> None:
    def work() -> None:
        with Batch(FANOUT) as spans:
            for number in range(3):
                spans.follow(f"context of {number}")
            raise error

    with pytest.raises(type(error)):
        work()
    assert [span.ends for span in tracer.spans] == [[code]] * 3


def test_a_message_that_fails_alone_ends_once_and_alone(tracer: RecordingTracer) -> None:
    with Batch(ACCEPT) as spans:
        refused, _ = spans.follow("one"), spans.follow("other")
        spans.fail(refused, "forbidden")
        spans.fail("", "a code of a message that is not traced")
    assert [span.ends for span in tracer.spans] == [["forbidden"], [None]]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"},
    ],
)
def test_nothing_is_recorded_unless_the_environment_wants_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with exporting("service", "instance"):
        assert not tracing.tracing()


@pytest.mark.parametrize("name", VARIABLES)
def test_spans_are_recorded_while_the_block_runs(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    with exporting("service", "instance"):
        assert tracing.tracing()
    assert not tracing.tracing()

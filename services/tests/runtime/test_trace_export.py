"""Contexts in W3C's format: what is handed on is found again, and what is malformed begins nothing."""

import itertools
import re
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.runtime.trace_export import OtlpExport
from parley.runtime.tracing import ACCEPT, DELIVER, FANOUT, RECEIVE, SEQUENCE, Stage
from tests.otlp_receiver import Receiver, receiving

FORMAT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})")
STAGES = (ACCEPT, SEQUENCE, FANOUT, DELIVER)


def numbers(digits: int) -> st.SearchStrategy[str]:
    return st.integers(1, 16**digits - 1).map(lambda number: f"{number:0{digits}x}")


def contexts(flags: str) -> st.SearchStrategy[str]:
    return st.builds(lambda trace, span: f"00-{trace}-{span}-{flags}", numbers(32), numbers(16))


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        yield running


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parent=contexts("01"), stages=st.lists(st.sampled_from(STAGES), min_size=1, max_size=6))
def test_a_context_goes_round_any_number_of_stages(receiver: Receiver, parent: str, stages: Sequence[Stage]) -> None:
    receiver.spans.clear()
    export = OtlpExport("service", "instance")
    handed_on = [parent]
    for stage in stages:
        span = export.follow(stage, handed_on[-1], {})
        assert span is not None
        handed_on.append(span.context)
        span.end()
    export.close()
    taken = [(span.trace, span.parent, span.identifier) for span in receiver.until(len(stages))]
    read = [FORMAT.fullmatch(context) for context in handed_on]
    assert sorted(taken) == sorted(
        (below["trace"], above["span"], below["span"])
        for above, below in itertools.pairwise(read)
        if above is not None and below is not None
    )
    assert len({context[3:35] for context in handed_on}) == 1
    assert len(set(handed_on)) == len(handed_on)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parent=st.one_of(st.text(), st.from_regex(r"\A..-[0-9a-f]{20,40}-[0-9a-f]{10,20}-0[0-9]\Z")))
def test_a_malformed_context_begins_no_trace(export: OtlpExport, parent: str) -> None:
    span = export.follow(FANOUT, parent, {})
    assert span is None or parent[3:35] == span.context[3:35]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parent=contexts("00"))
def test_what_was_not_chosen_above_is_not_chosen_below(export: OtlpExport, parent: str) -> None:
    assert export.follow(FANOUT, parent, {}) is None


def test_about_as_many_messages_are_traced_as_the_sampler_chooses(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.1")
    export = OtlpExport("service", "instance")
    chosen = [span for _ in range(2_000) if (span := export.begin(RECEIVE, {})) is not None]
    assert 80 < len(chosen) < 400
    assert all(FORMAT.fullmatch(span.context) for span in chosen)
    export.close()
    assert receiver.url


@pytest.fixture
def export(receiver: Receiver) -> Iterator[OtlpExport]:
    running = OtlpExport("service", f"instance at {receiver.url}")
    yield running
    running.close()


def test_an_error_is_a_code_and_marks_the_span(receiver: Receiver) -> None:
    export = OtlpExport("service", "instance")
    for error in (None, "forbidden"):
        span = export.begin(RECEIVE, {})
        assert span is not None
        span.end(error, {"parley.connections": 3})
    export.close()
    fine, failed = sorted(receiver.until(2), key=lambda span: span.failed)
    assert "error.type" not in fine.attributes
    assert (failed.failed, failed.attributes["error.type"]) == (True, "forbidden")
    assert fine.attributes["parley.connections"] == 3

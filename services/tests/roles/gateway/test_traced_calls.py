"""The first span of a change ends with its answer, and its sender gets that answer as ever."""

import pytest

from parley.domain.content import Content
from parley.protocol.calls import Asked, Call, Reply
from parley.protocol.client_frames import Send, Sync
from parley.protocol.server_frames import Ack, ErrorFrame
from parley.roles.gateway.traced_calls import traced
from parley.runtime import tracing
from tests.roles.gateway.running import CONVERSATION
from tests.runtime.recording_tracer import RecordingTracer

CHANGE = Call("ann", "phone", Send("1", "key", content=Content("text"), conversation=CONVERSATION))
QUESTION = Call("ann", "phone", Sync("1", CONVERSATION))
ACK = Reply(Ack("1", CONVERSATION, "key", "1"))
REFUSAL = Reply(ErrorFrame("forbidden", "ann may not", retryable=False, id="1"))


class Listener:
    def __init__(self) -> None:
        self.heard: list[tuple[Asked, Reply]] = []

    @property
    def waits(self) -> bool:
        return True

    def answered(self, asked: Asked, reply: Reply) -> None:
        self.heard.append((asked, reply))


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> RecordingTracer:
    recording = RecordingTracer()
    monkeypatch.setattr(tracing._Process, "tracer", recording)
    return recording


@pytest.mark.parametrize(("reply", "error"), [(ACK, None), (REFUSAL, "forbidden"), (Reply(), None)])
def test_the_answer_ends_the_span_and_reaches_the_sender(
    tracer: RecordingTracer, reply: Reply, error: str | None
) -> None:
    listener = Listener()
    call, asker = traced(CHANGE, listener)
    assert call.traceparent == tracer.spans[0].context
    assert tracer.spans[0].ends == []
    asker.answered(call.asked, reply)
    assert tracer.spans[0].ends == [error]
    assert listener.heard == [(CHANGE.asked, reply)]


def test_a_question_is_not_traced(tracer: RecordingTracer) -> None:
    listener = Listener()
    assert traced(QUESTION, listener) == (QUESTION, listener)
    assert tracer.spans == []


def test_a_change_that_is_not_chosen_goes_its_way_as_it_came() -> None:
    listener = Listener()
    assert traced(CHANGE, listener) == (CHANGE, listener)

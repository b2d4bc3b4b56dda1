"""Each change of a batch has its own span, with its own outcome."""

import msgspec
import pytest

from parley.protocol.calls import Call
from parley.protocol.server_frames import Ack, ErrorFrame
from parley.runtime import tracing
from tests.roles.chat.running import running_chat
from tests.runtime.recording_tracer import RecordingTracer

UNKNOWN = "00000000-0000-0000-0000-000000000009"


async def test_a_refused_change_fails_its_own_span_only(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = RecordingTracer()
    monkeypatch.setattr(tracing._Process, "tracer", recording)
    async with running_chat() as chat:
        fine, refused = chat.send("hello", to="bob"), chat.send("hello", conversation=UNKNOWN)
        calls = [Call("ann", "phone", change) for change in (fine, refused, fine)]
        traced = [
            msgspec.structs.replace(call, traceparent=f"from gateway {number}") for number, call in enumerate(calls[:2])
        ]
        replies = [reply.frame for reply in await chat.service.call([*traced, calls[2]])]
        await chat.settle()
    assert [type(reply) for reply in replies] == [Ack, ErrorFrame, Ack]
    accepted, failed, *sequenced = recording.spans
    assert (accepted.parent, accepted.ends) == ("from gateway 0", [None])
    assert isinstance(replies[1], ErrorFrame)
    assert (failed.parent, failed.ends) == ("from gateway 1", [replies[1].code])
    assert [(span.stage, span.parent, span.ends) for span in sequenced] == [
        (tracing.SEQUENCE, accepted.context, [None])
    ]

"""The first span of a message: from its frame to the answer, whatever that is."""

import msgspec
from typing_extensions import override

from parley.protocol.calls import Asked, Call, Reply
from parley.protocol.client_frames import CHANGES
from parley.protocol.server_frames import ErrorFrame
from parley.roles.gateway.lanes import Asker
from parley.runtime import tracing


def traced(call: Call, asker: Asker) -> tuple[Call, Asker]:
    """Begin the trace of a change, if it is chosen: the call then carries its context, and the answer ends the span."""
    if not isinstance(call.asked, CHANGES):
        return call, asker
    attributes = {"parley.frame": str(call.asked.__struct_config__.tag), "parley.trace": call.trace}
    span = tracing.begin(tracing.RECEIVE, attributes)
    if span is None:
        return call, asker
    return msgspec.structs.replace(call, traceparent=span.context), _TracedAsker(asker, span)


class _TracedAsker(Asker):
    """Passes the answer on, and ends the span with it."""

    __slots__ = ("_asker", "_span")

    def __init__(self, asker: Asker, span: tracing.Span) -> None:
        self._asker = asker
        self._span = span

    @property
    @override
    def waits(self) -> bool:
        return self._asker.waits

    @override
    def answered(self, asked: Asked, reply: Reply) -> None:
        self._span.end(reply.frame.code if isinstance(reply.frame, ErrorFrame) else None)
        self._asker.answered(asked, reply)

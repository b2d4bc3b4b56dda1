"""The context of a trace is a field that older versions leave out and do not know."""

from typing import Any

import msgspec
import pytest

from parley.domain.content import Content
from parley.domain.entries import Entry
from parley.domain.records import Post, Record
from parley.ports.event_log import LogRecord
from parley.protocol.calls import Call
from parley.protocol.channel import Delivery, decode_item, encode_item
from parley.protocol.client_frames import Typing
from parley.protocol.server_frames import Failed
from parley.protocol.timeline import DuplicateOf, Refused, Sequenced
from parley.roles.sequencer.records import Poison, decode

CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CONVERSATION = "00000000-0000-0000-0000-000000000001"
CARRIERS: list[Any] = [
    Call("ann", "phone", Typing(CONVERSATION)),
    Record(CONVERSATION, "ann", "key", Post(Content("text"))),
    Sequenced(Entry(CONVERSATION, 1, 2, 3, "ann", "key", "message", 4, 1, Content("text"))),
    DuplicateOf(CONVERSATION, "ann", "key", 1, 2),
    Refused(CONVERSATION, "ann", "key", "forbidden", "no"),
    Delivery(("ann",), Failed(CONVERSATION, "key", "forbidden", "no")),
]


def older(kind: type[Any]) -> Any:
    """The struct as it was before it could carry a context."""
    told = msgspec.structs.fields(kind)
    fields: list[Any] = [
        (each.name, each.type) if each.required else (each.name, each.type, each.default)
        for each in told
        if each.name != "traceparent"
    ]
    assert len(fields) == len(told) - 1
    options = kind.__struct_config__
    tagged = {"tag_field": options.tag_field, "tag": options.tag} if options.tag is not None else {}
    return msgspec.defstruct(kind.__name__, fields, frozen=True, omit_defaults=True, **tagged)


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: type(carrier).__name__)
def test_what_is_not_traced_is_written_as_older_versions_wrote_it(carrier: Any) -> None:
    fields = {name: getattr(carrier, name) for name in older(type(carrier)).__struct_fields__}
    before = msgspec.msgpack.encode(older(type(carrier))(**fields))
    assert msgspec.msgpack.encode(carrier) == before
    assert msgspec.msgpack.decode(before, type=type(carrier)).traceparent == ""


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: type(carrier).__name__)
def test_older_versions_read_what_is_traced(carrier: Any) -> None:
    traced = msgspec.msgpack.encode(msgspec.structs.replace(carrier, traceparent=CONTEXT))
    read: Any = msgspec.msgpack.decode(traced, type=older(type(carrier)))
    assert msgspec.msgpack.encode(read) == msgspec.msgpack.encode(carrier)
    assert msgspec.msgpack.decode(traced, type=type(carrier)).traceparent == CONTEXT


@pytest.mark.parametrize("context", ["", CONTEXT, "malformed"])
def test_the_sequencer_reads_records_with_any_context(context: str) -> None:
    record = Record(CONVERSATION, "ann", "key", Post(Content("text")), traceparent=context)
    read = decode(LogRecord(0, 1, 2, 3, msgspec.msgpack.encode(record)), 1)
    assert not isinstance(read, Poison)
    assert read.record == record


def test_a_delivery_brings_its_context_through_the_channel() -> None:
    delivery = Delivery(("ann",), Failed(CONVERSATION, "key", "forbidden", "no"), traceparent=CONTEXT)
    assert decode_item(encode_item(delivery)) == delivery

"""What a history consists of: one JSON object a line, whose `type` names the event.

Order in the file is order in time per observer; events of different observers may be interleaved in any way.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec


class Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """Something that a client did or saw."""


class Sent(Event, frozen=True, omit_defaults=True, tag="sent"):
    """A user handed a message to his client. `key` is its client_msg_id."""

    user: str
    key: str


class Acknowledged(Event, frozen=True, omit_defaults=True, tag="acknowledged"):
    """The server promised the message."""

    user: str
    key: str
    conversation: str


class Failed(Event, frozen=True, omit_defaults=True, tag="failed"):
    """The server said that the message was refused for good."""

    user: str
    key: str


class Received(Event, frozen=True, omit_defaults=True, tag="received"):
    """A client that promises completeness handed an entry to its application, in this order."""

    observer: str
    user: str
    conversation: str
    seq: int
    sender: str
    key: str


class Paged(Event, frozen=True, omit_defaults=True, tag="paged"):
    """At the end, a user read the whole history: this entry was in it."""

    user: str
    conversation: str
    seq: int
    sender: str
    key: str


class Member(Event, frozen=True, omit_defaults=True, tag="member"):
    """A user may see these seqs of a conversation; `last` 0 means until now."""

    user: str
    conversation: str
    first: int
    last: int = 0


class Marked(Event, frozen=True, omit_defaults=True, tag="marked"):
    """Somebody saw a user's watermarks; `head` is the newest seq that there was."""

    observer: str
    conversation: str
    user: str
    delivered: int
    read: int
    head: int


class Logged(Event, frozen=True, omit_defaults=True, tag="logged"):
    """At the end, the ingress log held this record; positions order the records of a conversation."""

    conversation: str
    sender: str
    key: str
    position: int


class Stored(Event, frozen=True, omit_defaults=True, tag="stored"):
    """At the end, the store held this row, decided by the record at the position."""

    conversation: str
    seq: int
    sender: str
    key: str
    position: int


AnyEvent: TypeAlias = Sent | Acknowledged | Failed | Received | Paged | Member | Marked | Logged | Stored

_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def write_history(path: Path, events: Iterable[AnyEvent]) -> None:
    """Write events, one a line."""
    with path.open("wb") as file:
        for event in events:
            file.write(_ENCODER.encode(event) + b"\n")


def read_history(path: Path) -> Iterator[AnyEvent]:
    """Read events; raises msgspec.ValidationError with the line for what is none."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _DECODER.decode(line)
            except msgspec.DecodeError as error:
                text = f"{path.name}:{number}: {error}"
                raise msgspec.ValidationError(text) from None

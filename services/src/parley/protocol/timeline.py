"""Records of the derived logs: what the sequencer tells the fanout, what clients' watermarks become.

`traceparent` is the W3C context of a message that is traced, and empty for all others.
"""

from typing import TypeAlias

import msgspec

from parley.domain.content import Content
from parley.domain.entries import Entry


class Sequenced(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="sequenced"):
    """An entry has its place. `content` is what an edit changed its target to; it stands in no stored edit entry."""

    entry: Entry
    content: Content | None = None
    traceparent: str = ""


class DuplicateOf(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="duplicate"):
    """A retry was recognised: tell its sender the first attempt's identity."""

    conversation: str
    sender: str
    client_msg_id: str
    seq: int
    message_id: int
    trace: str = ""
    traceparent: str = ""


class Refused(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="refused"):
    """An accepted record was refused: tell its sender."""

    conversation: str
    sender: str
    client_msg_id: str
    code: str
    message: str
    trace: str = ""
    traceparent: str = ""


TimelineEvent: TypeAlias = Sequenced | DuplicateOf | Refused


class Marked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record of the receipts log: one user's progress in one conversation."""

    conversation: str
    user: str
    delivered: int = 0
    read: int = 0


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record that could not be decoded, where it stood, and why."""

    topic: str
    partition: int
    position: int
    cause: str
    value: bytes

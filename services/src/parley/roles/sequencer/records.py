"""Bytes of the ingress log to records; what cannot be read is poison, judged from the bytes alone."""

from dataclasses import dataclass
from typing import Final

import msgspec

from parley.domain.identity import partition_of
from parley.domain.records import RECORD_VERSION, LoggedRecord, Record
from parley.ports.event_log import LogRecord

_DECODER: Final = msgspec.msgpack.Decoder(Record)


class _Envelope(msgspec.Struct):
    """The part of a record that tells whom to answer, read without its body."""

    conversation: str
    sender: str
    client_msg_id: str
    trace: str = ""


_ENVELOPE: Final = msgspec.msgpack.Decoder(_Envelope)


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that will never fold: its cause, and its envelope when that much could be read."""

    logged: LogRecord
    cause: str
    envelope: _Envelope | None


def decode(logged: LogRecord, partitions: int) -> LoggedRecord | Poison:
    """Read one record, and verify that it stands in the partition of its conversation."""
    try:
        record = _DECODER.decode(logged.value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Poison(logged, f"undecodable: {error}", _envelope(logged.value))
    if record.version > RECORD_VERSION:
        cause = f"version {record.version} is newer than this sequencer's {RECORD_VERSION}: update it, then replay"
        return Poison(logged, cause, _envelope(logged.value))
    home = partition_of(record.conversation, partitions)
    if home != logged.partition:
        cause = f"conversation {record.conversation} belongs to partition {home}, not {logged.partition}"
        return Poison(logged, cause, _envelope(logged.value))
    return LoggedRecord(record, logged.position, logged.appended_at, logged.message_id)


def _envelope(value: bytes) -> _Envelope | None:
    try:
        return _ENVELOPE.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None

"""The key of a message says what it belongs to and when it was due: whoever receives it needs nothing else.

A key reads PHASE-STREAM-NUMBER-DUE. A stream is what one user sends to one place, USER.PLACE; its messages are numbered
from 0 without a hole, so that a receiver sees at once what is lost, doubled or out of order.
"""

import time
from typing import Final, NamedTuple

_NANOSECONDS: Final = 1e-9


class Key(NamedTuple):
    """What a key says; `due` is in nanoseconds of a clock that all processes of the machine share."""

    phase: str
    stream: str
    number: int
    due: int

    @property
    def sender(self) -> str:
        """Who sends this stream."""
        return sender_of(self.stream)

    def age(self) -> float:
        """Seconds since the message was due."""
        return (time.perf_counter_ns() - self.due) * _NANOSECONDS


def stream_of(user: str, place: int) -> str:
    """The stream of a user to the place of this number."""
    return f"{user}.{place}"


def sender_of(stream: str) -> str:
    """Who sends a stream."""
    return stream.partition(".")[0]


def key_of(phase: str, stream: str, number: int, due: int) -> str:
    """The key as a word."""
    return f"{phase}-{stream}-{number}-{due}"


def parsed(key: str) -> Key | None:
    """What a key says; None of a word that is none, such as what was said before the run."""
    parts = key.split("-")
    if len(parts) != len(Key._fields) or not (parts[2].isdecimal() and parts[3].isdecimal()):
        return None
    return Key(parts[0], parts[1], int(parts[2]), int(parts[3]))

"""Centrifugo's client protocol in JSON, as far as a chat needs it, and how a chat's places become channels. Pure."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from e2e.bench.contract import Direct, Group, Place

PONG: Final = b"{}"
_DIRECT, _GROUP, _PERSONAL = "direct:#", "group:", "personal:#"

Position: TypeAlias = tuple[int, str]
"""A place in a channel's history: the offset of the last publication before it, and the epoch that gives it meaning."""


class Failure(msgspec.Struct, frozen=True):
    """Why the server refused a command."""

    code: int = 0
    message: str = ""


class Publication(msgspec.Struct, frozen=True, gc=False):
    """One entry of a channel: a text of a conversation, or the name of a channel in a personal one."""

    data: str = ""
    offset: int = 0


class Unsubscribe(msgspec.Struct, frozen=True):
    """The server has ended a subscription."""

    code: int = 0
    reason: str = ""


class Push(msgspec.Struct, frozen=True):
    """What the server sends unasked."""

    channel: str = ""
    pub: Publication | None = None
    unsubscribe: Unsubscribe | None = None
    disconnect: Unsubscribe | None = None


class Stream(msgspec.Struct, frozen=True):
    """Part of a channel's history, and where the channel is: the answer to a subscription or to a question for it."""

    publications: tuple[Publication, ...] = ()
    offset: int = 0
    epoch: str = ""
    was_recovering: bool = False
    recovered: bool = False


class Reply(msgspec.Struct, frozen=True):
    """An answer if it has an id, a ping if it has nothing at all."""

    id: int = 0
    error: Failure | None = None
    push: Push | None = None
    subscribe: Stream | None = None
    history: Stream | None = None


_DECODER: Final = msgspec.json.Decoder(Reply)


def replies(payload: bytes) -> list[Reply]:
    """What one message of the socket holds: a JSON value a line."""
    return _DECODER.decode_lines(payload)


def connect(number: int, token: str) -> bytes:
    """The first command of a connection."""
    return msgspec.json.encode({"id": number, "connect": {"token": token, "name": "bench"}})


def subscribe(number: int, channel: str, since: Position | None) -> bytes:
    """Hear a channel from now on; with a position everything after it is in the answer."""
    request: Mapping[str, object] = {"channel": channel}
    if since is not None:
        request = {"channel": channel, "recover": True, "offset": since[0], "epoch": since[1]}
    return msgspec.json.encode({"id": number, "subscribe": request})


def publish(number: int, quoted_channel: bytes, text: str) -> bytes:
    """Put a text into the channel, whose name is given as JSON, since it is the same for many."""
    return b'{"id":%d,"publish":{"channel":%b,"data":%b}}' % (number, quoted_channel, msgspec.json.encode(text))


def history(number: int, channel: str, size: int, before: Position | None) -> bytes:
    """Ask for the newest publications, or for the newest before one."""
    request: dict[str, object] = {"channel": channel, "limit": size, "reverse": True}
    if before is not None:
        request["since"] = {"offset": before[0], "epoch": before[1]}
    return msgspec.json.encode({"id": number, "history": request})


def channel_of(place: Place) -> str:
    """The channel of a conversation; only the two people of a direct one are let in, by its name."""
    if isinstance(place, Direct):
        return f"{_DIRECT}{place.first},{place.second}"
    return f"{_GROUP}{place.name}"


def place_of(channel: str) -> Place:
    """The conversation of a channel."""
    if channel.startswith(_DIRECT):
        first, _, second = channel.removeprefix(_DIRECT).partition(",")
        return Direct(first, second)
    return Group(channel.removeprefix(_GROUP))


def personal_channel(user: str) -> str:
    """The channel whose history names each channel that this person is in; others write there, only he reads."""
    return f"{_PERSONAL}{user}"

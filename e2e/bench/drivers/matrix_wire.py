"""The Matrix client-server API as far as a chat needs it: requests as bytes, answers as structs. Pure."""

import json
from typing import Final
from urllib.parse import quote

import msgspec

from e2e.bench.contract import Direct, Group, Place

SERVER: Final = "localhost"
"""The server's name: users are @NAME:localhost, rooms have the alias #PLACE:localhost."""

PAGE: Final = 100
"""The most events that a synchronisation brings of one room; what was missed beyond that is fetched as pages."""

_API: Final = "/_matrix/client/v3"
_MESSAGE, _ALIAS = "m.room.message", "m.room.canonical_alias"
_WAIT_MS: Final = 30_000


class Content(msgspec.Struct, frozen=True, gc=False):
    """What a message says, or which alias a room has."""

    body: str = ""
    alias: str = ""


class Event(msgspec.Struct, frozen=True):
    """An entry of a room's timeline, or a part of its state."""

    type: str = ""
    event_id: str = ""
    content: Content = Content()


class Events(msgspec.Struct, frozen=True):
    """Some events of a room; `limited` says that there are more before them, which begin at `prev_batch`."""

    events: tuple[Event, ...] = ()
    limited: bool = False
    prev_batch: str = ""


class Ephemeral(msgspec.Struct, frozen=True):
    """What is told and not kept."""

    type: str = ""
    content: msgspec.Raw = msgspec.Raw(b"{}")


class Ephemerals(msgspec.Struct, frozen=True):
    """Some of them."""

    events: tuple[Ephemeral, ...] = ()


class Joined(msgspec.Struct, frozen=True):
    """What is new in a room."""

    timeline: Events = Events()
    state: Events = Events()
    ephemeral: Ephemerals = Ephemerals()


class Rooms(msgspec.Struct, frozen=True):
    """What is new, by room id."""

    join: dict[str, Joined] = {}


class Synced(msgspec.Struct, frozen=True):
    """The answer to a synchronisation; the next one begins at `next_batch`."""

    next_batch: str
    rooms: Rooms = Rooms()


class Messages(msgspec.Struct, frozen=True):
    """A page of history, newest first; older ones begin at `end`."""

    chunk: tuple[Event, ...] = ()
    end: str | None = None


class Named(msgspec.Struct, frozen=True):
    """An answer that names what was made or found."""

    event_id: str = ""
    room_id: str = ""
    alias: str = ""


synced: Final = msgspec.json.Decoder(Synced).decode
messages: Final = msgspec.json.Decoder(Messages).decode
named: Final = msgspec.json.Decoder(Named).decode
_receipts: Final = msgspec.json.Decoder(dict[str, dict[str, dict[str, msgspec.Raw]]]).decode


def receipts(ephemeral: Ephemeral) -> list[tuple[str, str]]:
    """The event and the reader of each public receipt."""
    if ephemeral.type != "m.receipt":
        return []
    found = _receipts(ephemeral.content)
    return [(event, _name(user)) for event, kinds in found.items() for user in kinds.get("m.read", {})]


def alias_of(place: Place) -> str:
    """The local part of the alias of a conversation's room."""
    if isinstance(place, Direct):
        return f"direct,{place.first},{place.second}"
    return f"group,{place.name}"


def place_of(events: tuple[Event, ...]) -> Place | None:
    """The conversation that the alias among these events names; None when there is none."""
    for event in events:
        if event.type == _ALIAS and event.content.alias:
            return place_of_alias(event.content.alias)
    return None


def place_of_alias(alias: str) -> Place | None:
    """The conversation of an alias; None for rooms that are not ours."""
    kind, _, name = alias.removeprefix("#").removesuffix(f":{SERVER}").partition(",")
    if kind == "direct":
        first, _, second = name.partition(",")
        return Direct(first, second)
    return Group(name) if kind == "group" else None


def user_id(user: str) -> str:
    """The full name of a user."""
    return f"@{user}:{SERVER}"


def token_of(secret: str, user: str) -> str:
    """The access token that `populate` has given to the user."""
    return f"{secret}-{user}"


class Requests:
    """Makes the requests of one person."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._head = f"Host: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"

    def sync(self, since: str | None, *, wait: bool) -> bytes:
        """Ask for what is new, and wait for it if there is nothing; without `since` nothing old is told."""
        path = f"{_API}/sync?set_presence=offline&filter={_FIRST if since is None else _NEXT}"
        if since is not None:
            path += f"&since={quote(since)}"
        return self._get(f"{path}&timeout={_WAIT_MS if wait else 0}")

    def send(self, room: str, key: str, text: str) -> bytes:
        """Send a message; the key makes a repetition harmless."""
        body = b'{"msgtype":"m.text","body":%b}' % msgspec.json.encode(text)
        return self._with_body("PUT", f"{_API}/rooms/{quote(room)}/send/{_MESSAGE}/{key}", body)

    def receipt(self, room: str, event: str) -> bytes:
        """Say that everything up to this event was read."""
        return self._with_body("POST", f"{_API}/rooms/{quote(room)}/receipt/m.read/{quote(event)}", b"{}")

    def messages(self, room: str, size: int, begin: str | None, end: str | None = None) -> bytes:
        """Ask for a page of history, backwards from `begin` or from the end of the room."""
        path = f"{_API}/rooms/{quote(room)}/messages?dir=b&limit={size}&filter={_ONLY_MESSAGES}"
        for name, value in (("from", begin), ("to", end)):
            path += "" if value is None else f"&{name}={quote(value)}"
        return self._get(path)

    def find(self, place: Place) -> bytes:
        """Ask for the room of a conversation."""
        return self._get(f"{_API}/directory/room/{quote(f'#{alias_of(place)}:{SERVER}')}")

    def alias(self, room: str) -> bytes:
        """Ask for the alias of a room."""
        return self._get(f"{_API}/rooms/{quote(room)}/state/{_ALIAS}")

    def create(self, place: Place, other: str | None) -> bytes:
        """Make the room of a conversation: with one invited person, or a group that everybody may join."""
        settings: dict[str, object] = {"room_alias_name": alias_of(place), "preset": "public_chat"}
        if other is not None:
            settings |= {"preset": "trusted_private_chat", "invite": [user_id(other)], "is_direct": True}
        return self._with_body("POST", f"{_API}/createRoom", msgspec.json.encode(settings))

    def join(self, room: str) -> bytes:
        """Join a room; nothing happens to who is in it."""
        return self._with_body("POST", f"{_API}/join/{quote(room)}", b"{}")

    def _get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()

    def _with_body(self, method: str, path: str, body: bytes) -> bytes:
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"{method} {path} HTTP/1.1\r\n{self._head}{length}".encode() + body


def _name(user: str) -> str:
    return user.removeprefix("@").removesuffix(f":{SERVER}")


def _filter(limit: int) -> str:
    nothing: dict[str, object] = {"types": []}
    room = {
        "timeline": {"types": [_MESSAGE, _ALIAS], "limit": limit},
        "state": {"types": [_ALIAS]},
        "ephemeral": {"types": ["m.receipt"]},
        "account_data": nothing,
    }
    return quote(json.dumps({"presence": nothing, "account_data": nothing, "room": room}, separators=(",", ":")))


_FIRST: Final = _filter(1)
_NEXT: Final = _filter(PAGE)
_ONLY_MESSAGES: Final = quote(json.dumps({"types": [_MESSAGE]}, separators=(",", ":")))

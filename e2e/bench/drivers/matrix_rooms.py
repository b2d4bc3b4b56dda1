"""Which room holds which conversation on Matrix; the room of two people is made when they first talk."""

import asyncio
from collections.abc import Callable
from typing import Final

from e2e.bench.contract import Direct, Place
from e2e.bench.drivers import matrix_wire as wire
from e2e.bench.drivers.http_connection import HttpConnection

_KNOWN: Final = 2_048
_OK, _NOT_FOUND = 200, 404
_NOT_YET: Final = (403, 404)
_TAKEN: Final = (400, 409)
_TRIES: Final = 300
_AGAIN_S: Final = 0.1


class RefusedError(ConnectionError):
    """The server refused a request; the text is its own."""


def accepted(answer: tuple[int, bytes]) -> bytes:
    """The body of an answer; raises RefusedError unless the server did what it was asked."""
    status, body = answer
    if status != _OK:
        raise RefusedError(f"{status} {body.decode(errors='replace')[:300]}")
    return body


class Events:
    """The newest events of a conversation by their keys, and the other way round; older ones are forgotten."""

    __slots__ = ("_event_of", "_key_of")

    def __init__(self) -> None:
        self._event_of: dict[str, str] = {}
        self._key_of: dict[str, str] = {}

    def add(self, key: str, event: str) -> None:
        """Remember one."""
        self._event_of[key], self._key_of[event] = event, key
        if len(self._event_of) > _KNOWN:
            del self._key_of[self._event_of.pop(next(iter(self._event_of)))]

    def event_of(self, key: str) -> str | None:
        """The event of a key."""
        return self._event_of.get(key)

    def key_of(self, event: str) -> str | None:
        """The key of an event."""
        return self._key_of.get(event)


class RoomsOfPerson:
    """The rooms of one person, by conversation and by their own names."""

    def __init__(self, user: str, connection: HttpConnection, requests_of: Callable[[str], wire.Requests]) -> None:
        """Ask over this connection; with the requests of the other one, he can be made to join."""
        self._user = user
        self._connection = connection
        self._requests_of = requests_of
        self._by_place: dict[Place, str] = {}
        self._by_room: dict[str, tuple[Place, Events]] = {}

    def of(self, place: Place) -> str | None:
        """The room of a conversation, if it is known."""
        return self._by_place.get(place)

    def place_and_events(self, room: str) -> tuple[Place, Events] | None:
        """The conversation of a room, if it is known."""
        return self._by_room.get(room)

    def add(self, place: Place, room: str) -> None:
        """Remember where a conversation is."""
        if self._by_place.get(place) != room:
            self._by_place[place] = room
            self._by_room[room] = (place, Events())

    def remembered(self) -> dict[str, Place]:
        """All of them, by room."""
        return {room: place for room, (place, _) in self._by_room.items()}

    async def find(self, place: Place) -> str:
        """The room of a conversation, in which the person is afterwards; that of two people is made if need be."""
        requests = self._requests_of(self._user)
        room = self._by_place.get(place)
        if room is None:
            status, body = await self._connection.ask(requests.find(place))
            if status == _NOT_FOUND and isinstance(place, Direct):
                room = await self._create(place, requests)
            else:
                room = wire.named(accepted((status, body))).room_id
                await self._join(requests, room)
            self.add(place, room)
        return room

    async def ask_place(self, room: str) -> Place | None:
        """The conversation of a room that nobody told us about; None when it is not ours."""
        body = accepted(await self._connection.ask(self._requests_of(self._user).alias(room)))
        place = wire.place_of_alias(wire.named(body).alias)
        if place is not None:
            self.add(place, room)
        return place

    async def _create(self, place: Direct, requests: wire.Requests) -> str:
        other = place.other(self._user)
        status, body = await self._connection.ask(requests.create(place, other))
        if status in _TAKEN:
            found, named = await self._connection.ask(requests.find(place))
            if found == _OK:  # the other one was faster
                room = wire.named(named).room_id
                await self._join(requests, room)
                return room
        room = wire.named(accepted((status, body))).room_id
        await self._join(self._requests_of(other), room)
        return room

    async def _join(self, requests: wire.Requests, room: str) -> None:
        """Join; when the other one is just making the room, its first events and the invitation are still to come."""
        for _ in range(_TRIES):
            status, body = await self._connection.ask(requests.join(room))
            if status not in _NOT_YET:
                accepted((status, body))
                return
            await asyncio.sleep(_AGAIN_S)
        accepted((status, body))

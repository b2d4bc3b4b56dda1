"""A person on Matrix: one connection waits for what is new, another one sends, a third one does everything else."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from functools import partial
from typing import Final, cast

import msgspec

from e2e.bench.contract import Client, Hear, Page, Place, Target
from e2e.bench.drivers import matrix_wire as wire
from e2e.bench.drivers.http_connection import HttpConnection
from e2e.bench.drivers.matrix_rooms import RoomsOfPerson, accepted

_OK: Final = 200
_READY_S: Final = 120.0


class MatrixClient:
    """Sends one message at a time, as the SDKs do to keep their order; those that wait are in its memory."""

    def __init__(self, user: str, hear: Hear, target: Target, source: str, memory: object) -> None:
        self._user = user
        self._hear = hear
        self._target = target
        self._requests = self._requests_of(user)
        address = (target.host, target.port)
        self._listening, self._sending, self._asking = (
            HttpConnection(address, source, self._lost) for _ in ("listening", "sending", "asking")
        )
        self._rooms = RoomsOfPerson(user, self._asking, self._requests_of)
        self._unsent: dict[Place, list[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._over = False
        since, rooms = cast("tuple[str | None, Mapping[str, Place]]", memory or (None, {}))
        self._since, self._old_is_news = since, since is not None
        for room, place in rooms.items():
            self._rooms.add(place, room)

    async def open(self) -> None:
        """Authenticate with the first synchronisation, which also tells what was missed; then listen."""
        self._listening.request(self._requests.sync(self._since, wait=False), self._synced)
        try:
            async with asyncio.timeout(_READY_S):
                await self._opened
        except BaseException:
            self.abort()
            raise

    def send(self, place: Place, text: str) -> None:
        """Send it; the first text to a person whose room is not known waits for the room."""
        room = self._rooms.of(place)
        if room is not None and place not in self._unsent:
            self._put(room, text)
            return
        self._unsent.setdefault(place, []).append(text)
        if len(self._unsent[place]) == 1:
            self._begin(self._send_when_found(place))

    def mark_read(self, place: Place, key: str) -> None:
        """Send a public read receipt."""
        room = self._rooms.of(place)
        known = None if room is None else self._rooms.place_and_events(room)
        event = None if known is None else known[1].event_of(key)
        if room is None or event is None:
            self._hear.refused(key, f"{self._user} cannot mark what did not arrive, or long ago")
            return
        self._asking.request(self._requests.receipt(room, event), partial(self._marked, key))

    async def page(self, place: Place, size: int, older: str | None = None) -> Page:
        """A page of the room's messages; the token is the server's own."""
        room = await self._rooms.find(place)
        found = wire.messages(accepted(await self._asking.ask(self._requests.messages(room, size, older))))
        return Page(tuple(_key(event) for event in reversed(found.chunk)), found.end)

    def pause_reading(self) -> None:
        """Leave everything in the sockets from now on."""
        for connection in self._connections():
            connection.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        for connection in self._connections():
            connection.resume_reading()

    def memory(self) -> object:
        """The token of the last synchronisation, and which room is which conversation."""
        return self._since, self._rooms.remembered()

    def abort(self) -> None:
        """Drop the connections without a word."""
        self._over = True
        for connection in self._connections():
            connection.abort()
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """There is no good-bye but to go: the token stays valid."""
        self.abort()

    def _connections(self) -> tuple[HttpConnection, ...]:
        return self._listening, self._sending, self._asking

    def _requests_of(self, user: str) -> wire.Requests:
        token = wire.token_of(self._target.parameters["secret"], user)
        return wire.Requests(self._target.host, self._target.port, token)

    def _put(self, room: str, text: str) -> None:
        key = text.partition(" ")[0]
        self._sending.request(self._requests.send(room, key, text), partial(self._answered, key))

    def _answered(self, key: str, status: int, body: bytes) -> None:
        if status == _OK:
            self._hear.acknowledged(key)
        else:
            self._hear.refused(key, f"{status} {body.decode(errors='replace')}")

    def _marked(self, key: str, status: int, body: bytes) -> None:
        if status != _OK:
            self._hear.refused(None, f"the receipt for {key}: {status} {body.decode(errors='replace')}")

    async def _send_when_found(self, place: Place) -> None:
        try:
            room = await self._rooms.find(place)
        except ConnectionError as error:
            for text in self._unsent.pop(place):
                self._hear.refused(text.partition(" ")[0], f"no room for {place}: {error}")
            return
        for text in self._unsent.pop(place):
            self._put(room, text)

    def _synced(self, status: int, body: bytes) -> None:
        if status != _OK:
            self._lost(f"synchronising: {status} {body.decode(errors='replace')[:300]}")
            return
        answer = wire.synced(body)
        if self._old_is_news and any(self._needs_more(room, news) for room, news in answer.rooms.join.items()):
            self._begin(self._tell_with_gaps(answer))
            return
        for room, news in answer.rooms.join.items():
            self._tell_room(room, news, ())
        self._go_on(answer.next_batch)

    def _needs_more(self, room: str, news: wire.Joined) -> bool:
        """Whether there is a gap before these events, or their conversation has to be asked for."""
        known = self._rooms.place_and_events(room) is not None
        return news.timeline.limited or (not known and _place_of(news) is None and bool(news.timeline.events))

    async def _tell_with_gaps(self, answer: wire.Synced) -> None:
        try:
            for room, news in answer.rooms.join.items():
                missed = await self._missed(room, news.timeline.prev_batch) if news.timeline.limited else []
                if self._rooms.place_and_events(room) is None and _place_of(news) is None:
                    await self._rooms.ask_place(room)
                self._tell_room(room, news, missed)
        except ConnectionError as error:
            self._hear.refused(None, f"what {self._user} missed could not be fetched: {error}")
        self._go_on(answer.next_batch)

    async def _missed(self, room: str, begin: str) -> list[wire.Event]:
        """The messages between the last synchronisation and a place in the timeline, oldest first."""
        found: list[wire.Event] = []
        following: str | None = begin
        while following is not None:
            request = self._requests.messages(room, wire.PAGE, following, self._since)
            page = wire.messages(accepted(await self._asking.ask(request)))
            found += page.chunk
            following = page.end
        return found[::-1]

    def _tell_room(self, room: str, news: wire.Joined, missed: Iterable[wire.Event]) -> None:
        named = _place_of(news)
        if named is not None:
            self._rooms.add(named, room)
        known = self._rooms.place_and_events(room)
        if known is None:
            return
        place, events = known
        for event in (*missed, *news.timeline.events):
            if event.content.body:
                events.add(_key(event), event.event_id)
                if self._old_is_news:
                    self._hear.message(place, _key(event))
        for ephemeral in news.ephemeral.events:
            for event_id, reader in wire.receipts(ephemeral):
                key = events.key_of(event_id)
                if key is not None and self._old_is_news:
                    self._hear.receipt(place, key, reader)

    def _go_on(self, since: str) -> None:
        self._since, self._old_is_news = since, True
        if not self._opened.done():
            self._opened.set_result(None)
        self._listening.request(self._requests.sync(since, wait=True), self._synced)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[object, object, None]) -> None:
        """A fault of ours must not be silent."""
        try:
            await work
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            self._lost(f"the client failed: {error!r}")

    def _lost(self, why: str) -> None:
        if self._over:
            return
        self.abort()
        if self._opened.done():
            self._hear.closed(why)
        else:
            self._opened.set_exception(ConnectionError(why))
            self._opened.exception()  # nobody may wait for it any more


class MatrixDriver:
    """Tokens follow from the secret with which `populate` has made them."""

    def __init__(self, target: Target) -> None:
        """Make clients of this server."""
        self._target = target

    async def connect(self, user: str, hear: Hear, source: str, memory: object = None) -> Client:
        """A client that listens."""
        client = MatrixClient(user, hear, self._target, source, memory)
        await client.open()
        return client

    async def close(self) -> None:
        """Nothing is shared."""


def _key(event: wire.Event) -> str:
    return event.content.body.partition(" ")[0]


def _place_of(news: wire.Joined) -> Place | None:
    return wire.place_of(news.state.events) or wire.place_of(news.timeline.events)

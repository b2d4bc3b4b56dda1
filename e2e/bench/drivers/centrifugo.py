"""A person on Centrifugo: his personal channel tells which channels he is in, and he subscribes to each of them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, cast

import jwt
import msgspec

from e2e.bench.contract import Client, Direct, Hear, Page, Place, Target
from e2e.bench.drivers import centrifugo_wire as wire
from e2e.bench.drivers.centrifugo_wire import Position, Reply, Stream
from e2e.bench.drivers.websocket import TEXT, WebSocket

PATH: Final = "/connection/websocket"
_START: Final[Position] = (0, "")
_RESUBSCRIBE_FROM: Final = 2500
_TOGETHER: Final = 100
_READY_S: Final = 60.0


class RefusedError(ConnectionError):
    """The server refused a command; the text is its own."""


class _Channel:
    """A subscription: the conversation, and how far it was heard."""

    __slots__ = ("epoch", "name", "offset", "place", "quoted")

    def __init__(self, name: str, place: Place | None) -> None:
        self.name = name
        self.place = place
        self.quoted = msgspec.json.encode(name)
        self.offset, self.epoch = _START


class CentrifugoClient:
    """One connection; it hears everything of the channels that it is in, its own publications too."""

    def __init__(self, user: str, hear: Hear, memory: object) -> None:
        self._user = user
        self._hear = hear
        self._memory = cast("Mapping[str, Position] | None", memory)
        self._socket: WebSocket | None = None
        self._number = 0
        self._keys: dict[int, str] = {}
        self._answers: dict[int, Callable[[Reply], None]] = {}
        self._channels: dict[str, _Channel] = {}
        self._places: dict[Place, _Channel] = {}
        self._joining = 0
        self._waiting: set[asyncio.Future[Reply]] = set()
        self._ready: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()

    async def open(self, target: Target, source: str) -> None:
        """Connect, authenticate, and subscribe to everything; what was missed is told on the way."""
        token = jwt.encode({"sub": self._user}, target.parameters["secret"], algorithm="HS256")
        address = (target.host, target.port)
        self._socket = await WebSocket.open(address, PATH, self._read, self._ended, source=source)
        ready = self._ready
        try:
            async with asyncio.timeout(_READY_S):
                await self._ask(lambda number: wire.connect(number, token))
                self._join_all()
                if ready is not None:
                    await ready
        except BaseException:
            self.abort()
            raise
        self._ready = None

    def send(self, place: Place, text: str) -> None:
        """Publish it; the first text to a person also tells both where the conversation is."""
        channel = self._places.get(place) or self._begin(place)
        number = self._next()
        self._keys[number] = text.partition(" ")[0]
        self._say(wire.publish(number, channel.quoted, text))

    def mark_read(self, place: Place, key: str) -> None:
        """Centrifugo has no receipts: Ability.RECEIPTS is not among its abilities."""
        raise NotImplementedError("Centrifugo has no receipts")

    async def page(self, place: Place, size: int, older: str | None = None) -> Page:
        """A page of the channel's history; the token is the offset and epoch of its oldest publication."""
        channel = self._places.get(place) or self._begin(place)
        before = None
        if older is not None:
            offset, _, epoch = older.partition(" ")
            before = (int(offset), epoch)
        reply = await self._ask(lambda number: wire.history(number, channel.name, size, before))
        found = reply.history or Stream()
        oldest = found.publications[-1].offset if len(found.publications) == size else 1
        keys = tuple(each.data.partition(" ")[0] for each in reversed(found.publications))
        return Page(keys, f"{oldest} {found.epoch}" if oldest > 1 else None)

    def pause_reading(self) -> None:
        """Leave everything in the socket from now on."""
        if self._socket is not None:
            self._socket.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        if self._socket is not None:
            self._socket.resume_reading()

    def memory(self) -> object:
        """Offset and epoch of every channel."""
        return {name: (channel.offset, channel.epoch) for name, channel in self._channels.items()}

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._give_up("the connection was ended here")
        if self._socket is not None:
            self._socket.abort()

    async def close(self) -> None:
        """Say good-bye and disconnect."""
        self._give_up("the connection was ended here")
        if self._socket is not None:
            self._socket.close()

    def _join_all(self) -> None:
        """Subscribe to what is remembered; what a person without memory is in he hears from now on only."""
        personal = wire.personal_channel(self._user)
        remembered = {personal: _START, **(self._memory or {})}
        commands = []
        for name, since in remembered.items():
            channel = self._add(name, None if name == personal else wire.place_of(name))
            commands.append(self._subscription(channel, since))
        for begin in range(0, len(commands), _TOGETHER):
            self._say(b"\n".join(commands[begin : begin + _TOGETHER]))

    def _begin(self, place: Place) -> _Channel:
        """Join a conversation of which nobody told us: the server takes commands in order, so nothing is awaited."""
        channel = self._join(wire.channel_of(place), _START)
        if isinstance(place, Direct):
            for user in (place.first, place.second):
                inbox = msgspec.json.encode(wire.personal_channel(user))
                self._say(wire.publish(self._next(), inbox, channel.name))
        return channel

    def _join(self, name: str, since: Position | None) -> _Channel:
        channel = self._add(name, wire.place_of(name))
        self._say(self._subscription(channel, since))
        return channel

    def _add(self, name: str, place: Place | None) -> _Channel:
        channel = self._channels[name] = _Channel(name, place)
        if place is not None:
            self._places[place] = channel
        return channel

    def _subscription(self, channel: _Channel, since: Position | None) -> bytes:
        number = self._next()
        self._joining += 1
        self._answers[number] = lambda reply: self._joined(channel, reply)
        return wire.subscribe(number, channel.name, since)

    def _joined(self, channel: _Channel, reply: Reply) -> None:
        stream = reply.subscribe or Stream()
        if reply.error is not None:
            self._hear.refused(None, f"subscribing to {channel.name}: {reply.error.code} {reply.error.message}")
        elif stream.was_recovering and not stream.recovered:
            self._hear.refused(None, f"{channel.name}: the server could not recover what was missed")
        channel.offset, channel.epoch = stream.offset, stream.epoch  # of what was asked for, not of what is told now
        for publication in stream.publications:
            self._published(channel, publication)
        self._joining -= 1
        if self._joining == 0 and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def _published(self, channel: _Channel, publication: wire.Publication) -> None:
        channel.offset = publication.offset
        if channel.place is not None:
            self._hear.message(channel.place, publication.data.partition(" ")[0])
        elif publication.data not in self._channels:
            fresh = self._memory is None and self._ready is not None
            self._join(publication.data, None if fresh else _START)

    def _read(self, payload: bytes) -> None:
        for reply in wire.replies(payload):
            if reply.push is not None:
                self._pushed(reply.push)
            elif reply.id:
                self._answered(reply)
            else:
                self._say(wire.PONG)

    def _pushed(self, push: wire.Push) -> None:
        channel = self._channels.get(push.channel)
        if channel is not None and push.pub is not None:
            self._published(channel, push.pub)
        elif channel is not None and push.unsubscribe is not None:
            self._unsubscribed(channel, push.unsubscribe)

    def _unsubscribed(self, channel: _Channel, why: wire.Unsubscribe) -> None:
        if why.code >= _RESUBSCRIBE_FROM:
            self._say(self._subscription(channel, (channel.offset, channel.epoch)))
        else:
            self._hear.refused(None, f"the server ended the subscription to {channel.name}: {why.code} {why.reason}")

    def _answered(self, reply: Reply) -> None:
        key = self._keys.pop(reply.id, None)
        answer = self._answers.pop(reply.id, None) if key is None else None
        if answer is not None:
            answer(reply)
        elif reply.error is not None:
            self._hear.refused(key, f"{reply.error.code} {reply.error.message}")
        elif key is not None:
            self._hear.acknowledged(key)

    async def _ask(self, command: Callable[[int], bytes]) -> Reply:
        number = self._next()
        waiting: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answers[number] = lambda reply: None if waiting.done() else waiting.set_result(reply)
        self._waiting.add(waiting)
        try:
            self._say(command(number))
            reply = await waiting
        finally:
            self._waiting.discard(waiting)
        if reply.error is not None:
            raise RefusedError(f"{reply.error.code} {reply.error.message}")
        return reply

    def _give_up(self, why: str) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(ConnectionError(why))

    def _ended(self, why: str) -> None:
        self._give_up(why)
        if self._ready is None:
            self._hear.closed(why)
        elif not self._ready.done():
            self._ready.set_exception(ConnectionError(why))
            self._ready.exception()  # nobody may wait for it yet

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _say(self, commands: bytes) -> None:
        if self._socket is not None:
            self._socket.send(TEXT, commands)


class CentrifugoDriver:
    """Tokens are made here, from the server's secret."""

    def __init__(self, target: Target) -> None:
        """Make clients of this server."""
        self._target = target

    async def connect(self, user: str, hear: Hear, source: str, memory: object = None) -> Client:
        """A connected client that is subscribed to everything it is in."""
        client = CentrifugoClient(user, hear, memory)
        await client.open(self._target, source)
        return client

    async def close(self) -> None:
        """Nothing is shared."""

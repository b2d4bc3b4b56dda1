"""Clients of Parley: its frames in MessagePack over a WebSocket, with the rules of its SDK and little else."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final
from weakref import WeakSet

import msgspec
from typing_extensions import override

from e2e.bench.contract import Client, Direct, Driver, Hear, Place, Target
from e2e.bench.contract import Page as HistoryPage
from e2e.bench.drivers.parley_inbox import Inbox, groups_of
from e2e.bench.drivers.websocket import BINARY, WebSocket
from parley.adapters.jwt.mint import mint_token
from parley.contract import SOCKET_PATH, SUBPROTOCOL_MSGPACK
from parley.domain.content import Content
from parley.domain.identity import direct_conversation_id
from parley.protocol.client_frames import ClientFrame, Hello, Ping, Read, Resume, Send, Sync
from parley.protocol.server_frames import (
    Ack,
    AnyServerFrame,
    ErrorFrame,
    Failed,
    GoAway,
    HeadHint,
    Message,
    Page,
    Receipt,
    Resumed,
    Resync,
    Welcome,
)
from parley.protocol.views import EntryView

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[AnyServerFrame]] = msgspec.msgpack.Decoder(AnyServerFrame)
_OPEN_S: Final = 60.0
_PING_EVERY_S: Final = 20.0
_HISTORY: Final = "history-"


class ParleyClient(Client):
    """One device of a user."""

    def __init__(self, user: str, hear: Hear, places: dict[str, Place], cursors: dict[str, int]) -> None:
        self._user, self._hear = user, hear
        self._places = places
        self._conversations: dict[Place, str] = {
            place: name for name, place in places.items() if not isinstance(place, Direct)
        }
        self._inbox = Inbox(user, places, self.say, self._tell, cursors)
        self._seqs: dict[str, int] = {}
        self._mine: dict[str, dict[int, str]] = {}
        self._pages: dict[str, asyncio.Future[Page]] = {}
        self._socket: WebSocket | None = None
        self._welcome: asyncio.Future[Welcome] | None = None

    async def open(self, target: Target, token: str, source: str, *, anew: bool) -> None:
        """Connect, say hello, and wait for the welcome."""
        self._welcome = asyncio.get_running_loop().create_future()
        address = target.host, target.port
        self._socket = await WebSocket.open(
            address, SOCKET_PATH, self._read, self._ended, subprotocol=SUBPROTOCOL_MSGPACK, source=source
        )
        self.say(Hello(token, "bench", self._inbox.cursors()))
        async with asyncio.timeout(_OPEN_S):
            welcome = await self._welcome
        self._welcome = None
        self._inbox.begin(welcome.conversations, anew=anew)

    def say(self, frame: ClientFrame) -> None:
        """Send a frame; nothing once the connection is gone."""
        if self._socket is not None:
            self._socket.send(BINARY, _ENCODER.encode(frame))

    @override
    def send(self, place: Place, text: str) -> None:
        key = text.partition(" ")[0]
        if isinstance(place, Direct):
            self._conversation(place)  # so that the echo is recognised
            self.say(Send(key, key, content=Content(text), to=place.other(self._user)))
        else:
            self.say(Send(key, key, content=Content(text), conversation=self._conversation(place)))

    @override
    def mark_read(self, place: Place, key: str) -> None:
        seq = self._seqs.get(key)
        if seq is not None:
            self.say(Read(self._conversation(place), seq))

    @override
    async def page(self, place: Place, size: int, older: str | None = None) -> HistoryPage:
        name = f"{_HISTORY}{len(self._pages)}-{time.perf_counter_ns()}"
        waiting = self._pages[name] = asyncio.get_running_loop().create_future()
        before = None if older is None else int(older)
        self.say(Sync(name, self._conversation(place), before=before, limit=size))
        page = await waiting
        keys = tuple(entry.client_msg_id for entry in page.messages if entry.kind == "message")
        return HistoryPage(keys, str(page.first) if page.first > 1 else None)

    @override
    def pause_reading(self) -> None:
        if self._socket is not None:
            self._socket.pause_reading()

    @override
    def resume_reading(self) -> None:
        if self._socket is not None:
            self._socket.resume_reading()

    @override
    def memory(self) -> object:
        return self._inbox.cursors()

    @override
    def abort(self) -> None:
        if self._socket is not None:
            self._socket.abort()

    @override
    async def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _conversation(self, place: Place) -> str:
        name = self._conversations.get(place)
        if name is None:
            if not isinstance(place, Direct):
                raise KeyError(f"there is no group {place.name!r} in the population")
            name = self._conversations[place] = direct_conversation_id(place.first, place.second)
            self._places[name] = place
        return name

    def _read(self, payload: bytes) -> None:
        """Take a frame; those that are not named here or below are of no interest."""
        frame = _DECODER.decode(payload)
        match frame:
            case Message():
                self._inbox.message(frame)
            case Ack():
                self._hear.acknowledged(frame.client_msg_id)
            case Receipt():
                self._receipt(frame)
            case Failed():
                self._hear.refused(frame.client_msg_id, f"{frame.code}: {frame.message}")
            case ErrorFrame():
                self._error(frame)
            case GoAway():
                self._hear.refused(None, f"the server is about to stop: {frame.reason}")
            case _:
                self._catch_up(frame)

    def _catch_up(self, frame: AnyServerFrame) -> None:
        match frame:
            case HeadHint():
                self._inbox.hint(frame)
            case Page():
                self._page(frame)
            case Welcome():
                self._greeted(frame)
            case Resync():
                self.say(Resume("resume", self._inbox.cursors()))
            case Resumed():
                self._inbox.begin(frame.conversations, anew=False)
            case _:
                pass

    def _page(self, frame: Page) -> None:
        if not self._inbox.page(frame) and (waiting := self._pages.pop(frame.id, None)) is not None:
            waiting.set_result(frame)

    def _greeted(self, frame: Welcome) -> None:
        if self._welcome is not None:
            self._welcome.set_result(frame)

    def _error(self, frame: ErrorFrame) -> None:
        why = f"{frame.code}: {frame.message}"
        if frame.id is not None and (waiting := self._pages.pop(frame.id, None)) is not None:
            waiting.set_exception(RuntimeError(why))
        else:
            self._hear.refused(frame.id, why)

    def _tell(self, place: Place, entry: EntryView) -> None:
        key = entry.client_msg_id
        if entry.sender == self._user:
            self._mine.setdefault(self._conversation(place), {})[entry.seq] = key
        else:
            self._seqs = {key: entry.seq}  # only the newest is marked as read
        self._hear.message(place, key)

    def _receipt(self, frame: Receipt) -> None:
        mine = self._mine.get(frame.conversation)
        if not mine:
            return
        for user, mark in frame.watermarks.items():
            read = [seq for seq in mine if seq <= mark.read]
            if read and user != self._user:
                place = self._inbox.place(frame.conversation)
                if place is not None:
                    self._hear.receipt(place, mine[read[-1]], user)
                if isinstance(place, Direct):
                    for seq in read:
                        del mine[seq]

    def _ended(self, why: str) -> None:
        if self._welcome is not None and not self._welcome.done():
            self._welcome.set_exception(ConnectionError(why))
        for waiting in self._pages.values():
            waiting.set_exception(ConnectionError(why))
        self._pages.clear()
        self._socket = None
        self._hear.closed(why)


class ParleyDriver(Driver):
    """Clients with tokens of their own, and pings for those who have nothing to say."""

    def __init__(self, target: Target) -> None:
        """`parameters`: `secret` signs tokens, `group:NAME` is the conversation of a group."""
        self._target = target
        self._places = groups_of(dict(target.parameters))
        self._clients: WeakSet[ParleyClient] = WeakSet()
        self._pings: asyncio.Task[None] | None = None

    @override
    async def connect(self, user: str, hear: Hear, source: str, memory: object = None) -> ParleyClient:
        cursors = dict(memory) if isinstance(memory, Mapping) else {}
        client = ParleyClient(user, hear, self._places, cursors)
        token = mint_token(self._target.parameters["secret"], user, expires_at_s=int(time.time()) + 24 * 3600)
        await client.open(self._target, token, source, anew=memory is None)
        self._clients.add(client)
        if self._pings is None:
            self._pings = asyncio.create_task(self._ping())
        return client

    @override
    async def close(self) -> None:
        if self._pings is not None:
            self._pings.cancel()
        for client in self._clients:
            client.abort()

    async def _ping(self) -> None:
        """Spread over the time, since thousands of clients share this process."""
        while True:
            clients = list(self._clients)
            for number, client in enumerate(clients):
                client.say(Ping("ping"))
                if number % 100 == 99:  # noqa: PLR2004 - a hundred at a time
                    await asyncio.sleep(_PING_EVERY_S * 100 / len(clients))
            await asyncio.sleep(1 if len(clients) > 100 else _PING_EVERY_S)  # noqa: PLR2004 - as above

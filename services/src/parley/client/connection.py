"""A socket, a timer and futures around the machine in core.py."""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

import jwt
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from parley.client import events as happened
from parley.client.core import Core
from parley.client.events import Event, State
from parley.client.sent import Sent
from parley.contract import SOCKET_PATH
from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol import client_frames as asked
from parley.protocol.codec import JSON, MSGPACK
from parley.protocol.server_frames import AnyServerFrame

_ASK_S: Final = 15.0
_OPEN_S: Final = 10.0
_EVENTS: Final = 10_000
_GIVE_UP: Final = 4000
_CODECS: Final = {"json": JSON, "msgpack": MSGPACK}


class Connection:
    """Keeps one user connected; everything runs in the event loop that `start` was called in."""

    def __init__(
        self,
        url: str,
        token: str | Callable[[], Awaitable[str]],
        core: Core,
        *,
        encoding: Literal["json", "msgpack"],
        listen: bool,
    ) -> None:
        """Connect nothing yet."""
        self.url = socket_url(url)
        self.events: asyncio.Queue[Event] = asyncio.Queue(_EVENTS)
        self.user = ""
        self.core = core
        self._listen = listen
        self._token = token
        self._codec = _CODECS[encoding]
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._online = asyncio.Event()
        self._stopped_for: str | None = None
        self._sent: dict[str, Sent] = {}
        self._asked: dict[str, asyncio.Future[AnyServerFrame]] = {}

    async def start(self) -> None:
        """Begin to connect; raises UNAUTHENTICATED for a token that names nobody."""
        self._name(await self._new_token())
        self.core.start(self._now())
        self._task = asyncio.create_task(self._run(), name=f"parley client of {self.user}")

    async def online(self) -> None:
        """Wait until the server has welcomed us; raises UNAUTHENTICATED when it never will."""
        await self._online.wait()
        if self._stopped_for is not None:
            raise ParleyError(ErrorCode.UNAUTHENTICATED, self._stopped_for)

    async def close(self) -> None:
        """Disconnect for good; what is not acknowledged by now is not promised."""
        self.core.stop()
        if self._socket is not None:
            await self._socket.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        error = ParleyError(ErrorCode.UNAVAILABLE, "the client was closed before the server answered")
        self._fail_all(error)

    def change(self, conversation: str | None, frame: asked.Change) -> Sent:
        """Make a change."""
        sent = self._sent[frame.client_msg_id] = Sent(frame.client_msg_id)
        self.core.change(conversation, frame, self._now())
        self._wake.set()
        return sent

    async def ask(self, frame: Callable[[str], asked.AnyClientFrame]) -> AnyServerFrame:
        """Ask, and wait for the answer; while there is no connection, wait for one."""
        try:
            async with asyncio.timeout(_ASK_S):
                while True:
                    await self._online.wait()
                    identifier = self.core.ask(frame)
                    if identifier is None:
                        raise ParleyError(ErrorCode.UNAVAILABLE, self._stopped_for or "the client is closed")
                    answer = await self._answer(identifier)
                    if answer is not None:
                        return answer
        except TimeoutError:
            raise ParleyError(ErrorCode.UNAVAILABLE, f"no answer within {_ASK_S:g} s; try again") from None

    def signal(self, frame: asked.AnyClientFrame) -> None:
        """Say something that may be lost."""
        self.core.signal(frame)
        self._wake.set()

    def mark_read(self, conversation: str, seq: int) -> None:
        """Tell how far the user has read."""
        self.core.mark_read(conversation, seq)
        self._wake.set()

    def remember_watched(self, users: tuple[str, ...]) -> None:
        """Follow these users again after a reconnect."""
        self.core.watched = users

    async def _answer(self, identifier: str) -> AnyServerFrame | None:
        """The answer, or None when the connection was lost before it came."""
        future: asyncio.Future[AnyServerFrame] = asyncio.get_running_loop().create_future()
        self._asked[identifier] = future
        self._wake.set()
        try:
            return await future
        except ConnectionError:
            return None
        finally:
            self._asked.pop(identifier, None)

    async def _run(self) -> None:
        """Live from connection to connection until the machine stops."""
        while self.core.state is not State.STOPPED:
            action = self.core.tick(self._now())
            await self._drain()
            if action == "connect":
                await self._connect()
            else:
                await self._sleep()
        await self._drain()

    async def _connect(self) -> None:
        """One connection, from its opening to its end."""
        code, reason = 0, ""
        try:
            token = await self._new_token()
            async with connect(
                self.url,
                subprotocols=[self._codec.subprotocol],  # type: ignore[list-item]  # Subprotocol is a NewType of str
                compression=None,
                ping_interval=None,
                max_size=None,
                open_timeout=_OPEN_S,
                proxy=None,
            ) as socket:
                self._socket = socket
                self.core.connected(token, self._now())
                code, reason = await self._converse(socket)
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed, ParleyError) as error:
            reason = str(error)
        finally:
            self._socket = None
            self._online.clear()
        self.core.disconnected(code, self._now(), reason)
        for future in list(self._asked.values()):
            if not future.done():
                future.set_exception(ConnectionError("the connection was lost"))

    async def _converse(self, socket: ClientConnection) -> tuple[int, str]:
        """Read and write until the connection ends; returns its close code and reason."""
        reading = asyncio.create_task(self._read(socket))
        try:
            while not reading.done():
                if self.core.tick(self._now()) == "close":
                    await socket.close(_GIVE_UP)
                    break
                await self._drain(socket)
                await self._sleep(reading)
            with contextlib.suppress(ConnectionClosed):
                await reading
        except ConnectionClosed:
            pass
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return socket.close_code or 0, socket.close_reason or ""

    async def _read(self, socket: ClientConnection) -> None:
        """Hand frames to the machine; a full queue of events stops the reading, which only this user feels."""
        async for data in socket:
            frame = self._codec.decode_server(data.encode() if isinstance(data, str) else data)
            if frame is None:
                continue
            self.core.receive(frame, self._now())
            await self._tell(self.core.take_events())
            self._wake.set()

    async def _drain(self, socket: ClientConnection | None = None) -> None:
        frames, events = self.core.take()
        if socket is not None:
            for frame in frames:
                encoded = self._codec.encode(frame)
                await socket.send(encoded if self._codec.binary else encoded.decode())
        await self._tell(events)

    async def _tell(self, events: list[Event]) -> None:
        for event in events:
            self._dispatch(event)
            if self._listen and not isinstance(event, happened.AnsweredEvent | happened.ConversationEvent):
                await self._offer(event)

    async def _offer(self, event: Event) -> None:
        """Only what an application may not miss waits for room."""
        if isinstance(event, happened.MessageEvent | happened.StoppedEvent | happened.FailedEvent):
            await self.events.put(event)
        else:
            with contextlib.suppress(asyncio.QueueFull):
                self.events.put_nowait(event)

    def _dispatch(self, event: Event) -> None:
        match event:
            case happened.StateEvent(state=State.ONLINE):
                self._online.set()
            case happened.StoppedEvent(reason=reason):
                self._stopped_for = reason
                self._online.set()
                self._fail_all(ParleyError(ErrorCode.UNAVAILABLE, reason or "the client was closed"))
            case happened.AcknowledgedEvent(key=key, ack=ack):
                if (sent := self._sent.get(key)) is not None:
                    sent.acknowledge(ack)
            case happened.SettledEvent(key=key, conversation=conversation, seq=seq):
                if (sent := self._sent.pop(key, None)) is not None:
                    sent.settle(conversation, seq)
            case happened.FailedEvent():
                self._fail(event)
            case happened.AnsweredEvent(id=identifier, frame=frame):
                if (future := self._asked.get(identifier)) is not None and not future.done():
                    future.set_result(frame)
            case _:
                pass

    def _fail(self, event: happened.FailedEvent) -> None:
        code = ErrorCode(event.code) if event.code in set(ErrorCode) else ErrorCode.INTERNAL
        if (sent := self._sent.pop(event.key, None)) is not None:
            sent.fail(ParleyError(code, event.message, field=event.field))

    def _fail_all(self, error: ParleyError) -> None:
        for sent in self._sent.values():
            sent.fail(error)
        self._sent.clear()
        for future in self._asked.values():
            if not future.done():
                future.set_exception(error)

    async def _sleep(self, other: "asyncio.Task[Any] | None" = None) -> None:
        """Wait until something is due, somebody wants something, or the other task ends."""
        wait_ms = self.core.next_at() - self._now()
        waiting = asyncio.ensure_future(self._wake.wait())
        tasks = {waiting} if other is None else {waiting, other}
        timeout = None if math.isinf(wait_ms) else max(0.0, wait_ms / 1000)
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self._wake.clear()

    async def _new_token(self) -> str:
        return self._token if isinstance(self._token, str) else await self._token()

    def _name(self, token: str) -> None:
        """Read whom the token names; the server checks it, this only reads."""
        try:
            claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
            self.user = str(claims["sub"])
        except (jwt.PyJWTError, KeyError) as error:
            raise ParleyError(ErrorCode.UNAUTHENTICATED, f"the token names no user: {error}", field="token") from None
        self.core.user = self.core.inbox.user = self.user

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time() * 1000


def socket_url(url: str) -> str:
    """The socket's address for the address of a platform."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    path = parts.path if parts.path not in {"", "/"} else SOCKET_PATH
    return urlunsplit((scheme, parts.netloc, path, parts.query, ""))

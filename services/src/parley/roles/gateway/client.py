"""One connection: reads frames, lets the session decide, and does what it wants done."""

import asyncio
from typing import Final

import structlog
from websockets.exceptions import ConnectionClosed

from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol.calls import Asked, Call
from parley.protocol.calls import Reply as ChatReply
from parley.protocol.client_frames import AnyClientFrame, Request
from parley.protocol.codec import Codec
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import AnyServerFrame
from parley.protocol.session import Session, error_frame
from parley.protocol.session_effects import Ask, Effect, End, Follow, Introduce, Mark, Probe, Renew, Reply, Tell
from parley.protocol.session_states import State
from parley.roles.gateway.context import Context
from parley.roles.gateway.frame_counts import count_received, count_refusal, count_sent
from parley.roles.gateway.gateway_socket import GatewaySocket
from parley.roles.gateway.introduction import introduce, renew
from parley.roles.gateway.lanes import Asker
from parley.roles.gateway.outbound import Outbound
from parley.roles.gateway.pushing import Pushing
from parley.roles.gateway.traced_calls import traced
from parley.runtime.metrics import CONNECTIONS, CONNECTIONS_CLOSED
from parley.runtime.tracing import tracing

ANSWER_BYTES: Final = 1024 * 1024
"""Above so many waiting bytes an answer is not sent but refused as overloaded, unless it is small."""

SMALL_ANSWER_BYTES: Final = 1024

ABNORMAL_CLOSE: Final = 1006
"""A connection that ended without a close (RFC 6455, 7.1.5)."""

_log: Final = structlog.get_logger()


class Client:
    """Ties a socket to its session. Everything but reading is done without waiting."""

    __slots__ = (
        "_calls", "_closed_with", "_context", "_in_flight", "_relief", "codec", "id", "opened_at_ms", "pushing",
        "session", "socket", "watched", "welcomed",
    )  # fmt: skip

    def __init__(self, context: Context, socket: GatewaySocket, codec: Codec, session_id: str) -> None:
        """Begin with a socket whose handshake is done; `session_id` is random."""
        now = asyncio.get_running_loop().time()
        self.id = session_id
        self.socket = socket
        self.codec = codec
        self.session = Session(context.limits, context.timing, now)
        self.pushing = Pushing(socket, codec, self.session.window)
        self.opened_at_ms = context.clock.now_ms()
        self.watched: frozenset[str] = frozenset()
        self.welcomed = False
        self._context = context
        self._calls = 0
        self._closed_with: CloseCode | None = None
        self._in_flight = 0
        self._relief: asyncio.Future[None] | None = None
        socket.heard = self._heard
        socket.relieved = self._relieved

    async def run(self) -> None:
        """Serve until the connection ends, for whatever reason."""
        self._context.directory.clients.add(self)
        try:
            while self.session.state is not State.CLOSED:
                await self._handle(await self.socket.recv(decode=False))
                await self._throttle()
            await self.socket.wait_closed()
        except ConnectionClosed:
            pass
        finally:
            self._leave()

    def perform(self, effects: tuple[Effect, ...]) -> None:
        """Do what needs no waiting."""
        for effect in effects:
            match effect:
                case Reply(frame):
                    count_refusal(frame)
                    self.send(frame)
                case End(code, reason):
                    self._close(code, reason)
                case Probe():
                    self.socket.probe()
                case Ask(asked):
                    self._in_flight += 1
                    self._call(asked, self)
                case Tell(told):
                    self._call(told, None)
                case Mark(watermarks):
                    self._context.marks.add(self.session.user, watermarks)
                case Introduce() | Renew() | Follow():
                    message = f"{type(effect).__name__} has to be awaited"
                    raise TypeError(message)

    def trace(self) -> str:
        """A new id that follows one request through every stage."""
        self._calls += 1
        return f"{self.id}-{self._calls}"

    @property
    def waits(self) -> bool:
        """Whether the connection is still there, so that an answer reaches somebody."""
        return self.socket.open

    def answered(self, asked: Asked, reply: ChatReply) -> None:
        """Pass chat's answer on, and read on if the client had too much under way."""
        self._in_flight -= 1
        self._wake()
        if reply.frame is not None:
            self.send(reply.frame, asked.id if isinstance(asked, Request) else None)

    def send(self, frame: AnyServerFrame, answers: str | None = None) -> None:
        """Send an answer; with too much waiting already, a large one becomes a refusal that may be retried."""
        outbound = Outbound(frame)
        if self.socket.waiting > ANSWER_BYTES and len(outbound.payload(self.codec)) > SMALL_ANSWER_BYTES:
            message = f"{self.socket.waiting} bytes of earlier answers have not been read; read them, then ask again"
            refusal = error_frame(ParleyError(ErrorCode.OVERLOADED, message, after_ms=1_000), answers)
            count_refusal(refusal)
            outbound = Outbound(refusal)
        count_sent(outbound.frame)
        self.socket.emit(outbound, self.codec)

    def push(self, outbound: Outbound, now: float) -> None:
        """Take a frame from the delivery stream; beyond the window only a hint of it arrives."""
        if self.session.state in {State.OPENING, State.CLOSED}:
            return
        if not self.pushing.push(outbound, now):
            self.perform(self.session.hint(now, room=self.socket.room))

    def tick(self, now: float, wall_ms: int) -> None:
        """Let the session look at the clock."""
        self.perform(self.session.tick(now, wall_ms, self.socket.status()))
        self.pushing.settle_debt()

    def replaced(self) -> None:
        """The same device is connected anew; while we drain, that is what it was asked for."""
        code = CloseCode.GOING_AWAY if self.session.state is State.DRAINING else CloseCode.REPLACED
        self.perform(self.session.end(code, "the same device connected again"))

    async def _handle(self, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        try:
            frame: AnyClientFrame = self.codec.decode_client(data)
        except ParleyError as error:
            self.perform(self.session.malformed(error, self.codec.id_of(data), now))
            return
        count_received(frame)
        for effect in self.session.receive(frame, now):
            match effect:
                case Introduce(hello):
                    await introduce(self, self._context, hello)
                case Renew(request):
                    await renew(self, self._context, request)
                case Follow(watch):
                    await self._context.watching.answer(self, watch)
                case _:
                    self.perform((effect,))
        self.perform(self.session.hint(now, room=self.socket.room))

    async def _throttle(self) -> None:
        """Read no further while the client has too much unanswered, or does not read itself."""
        while self.socket.open and (
            self._in_flight >= self._context.limits.requests_in_flight or not self.socket.room
        ):  # fmt: skip
            self._relief = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._relief, self.socket.connection_lost_waiter], return_when=asyncio.FIRST_COMPLETED)

    def _call(self, asked: Asked, asker: Asker | None) -> None:
        """Ask chat in the user's name."""
        call = Call(self.session.user, self.session.device, asked, self.trace(), self._context.clock.now_ms())
        _log.debug("frame forwarded", trace=call.trace, user=call.user, frame=type(asked).__name__)
        if asker is not None and tracing():
            call, asker = traced(call, asker)
        self._context.lanes.ask(call, asker)

    def _heard(self) -> None:
        self.session.vigil.heard_at = asyncio.get_running_loop().time()

    def _relieved(self) -> None:
        self._wake()
        self.perform(self.session.hint(asyncio.get_running_loop().time(), room=True))
        self.pushing.settle_debt()

    def _wake(self) -> None:
        if self._relief is not None and not self._relief.done():
            self._relief.set_result(None)

    def _close(self, code: CloseCode, reason: str) -> None:
        _log.info("connection closed", session=self.id, user=self.session.user, code=int(code), reason=reason)
        self._closed_with = code
        self._wake()
        self._context.in_background(self.socket.shut(code, reason))

    def _leave(self) -> None:
        context, session = self._context, self.session
        context.directory.clients.discard(self)
        context.departure.set()
        session.end(CloseCode.GOING_AWAY, "the connection is gone")
        code = int(self._closed_with or self.socket.close_code or ABNORMAL_CLOSE)
        CONNECTIONS_CLOSED.labels(str(code)).inc()
        if self.welcomed:
            CONNECTIONS.dec()
        if session.user:
            context.watching.forget(self)
            if context.directory.leave(self):
                context.enrolment.leave(session.user, session.device)
        _log.info("session ended", session=self.id, user=session.user, code=code)

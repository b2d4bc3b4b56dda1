"""One connection's session as a pure machine: decoded frames and moments go in, effects come out.

The gateway verifies tokens, registers devices and calls chat when an effect asks for it, and reports back through the
methods below. Durations are seconds of a clock that only goes forward, `wall_ms` is the time of day.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from parley.domain.allowance import Allowance, Ruling
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_name
from parley.domain.limits import Limits
from parley.domain.token_bucket import TokenBucket
from parley.protocol.client_frames import (
    AnyClientFrame,
    Authenticate,
    Hello,
    Ping,
    Read,
    Received,
    Request,
    Resume,
    Sync,
    Typing,
    Watch,
)  # fmt: skip
from parley.protocol.errors import CloseCode
from parley.protocol.flow_window import FlowWindow
from parley.protocol.server_frames import Done, ErrorFrame, GoAway, HeadHint, Pong
from parley.protocol.session_effects import Ask, Effect, End, Follow, Introduce, Mark, Probe, Renew, Reply, Tell
from parley.protocol.session_states import Signal, State, next_state
from parley.protocol.views import Watermark
from parley.protocol.vigil import Silence, Socket, Timing, Vigil

MALFORMED_BURST: Final = 10
"""So many broken frames are answered; more of them than one in ten seconds end the connection."""

_MALFORMED_PER_SECOND: Final = 0.1

Effects: TypeAlias = tuple[Effect, ...]


def error_frame(error: ParleyError, request_id: str | None = None) -> ErrorFrame:
    """Write a refusal as the client sees it."""
    return ErrorFrame(str(error.code), error.message, error.retryable, error.after_ms, error.field, request_id)


def id_of(frame: AnyClientFrame) -> str | None:
    """The id that an answer to the frame carries."""
    return frame.id if isinstance(frame, Request) else None


class Session:
    """The rules of one connection, from hello to close."""

    __slots__ = (
        "_allowance", "_lapsed_at", "_limits", "_malformed", "_opened_at", "_timing", "device", "expires_at", "state",
        "user", "vigil", "window",
    )  # fmt: skip

    def __init__(self, limits: Limits, timing: Timing, now: float) -> None:
        """Wait for hello from `now` on."""
        self.state = State.OPENING
        self.user = ""
        self.device = ""
        self.expires_at: int | None = None
        self.vigil = Vigil(now)
        self.window = FlowWindow(limits.window_frames, limits.window_bytes)
        self._limits = limits
        self._timing = timing
        self._opened_at = now
        self._allowance: Allowance | None = None
        self._malformed: TokenBucket | None = None
        self._lapsed_at = now

    def identify(self, user: str, device: str, expires_at: int | None, allowance: Allowance) -> None:
        """Keep who the token says it is; `allowance` is shared by the user's connections."""
        self.user = user
        self.device = device
        self.expires_at = expires_at
        self._allowance = allowance

    def welcomed(self) -> None:
        """Chat has resumed the session and `welcome` is on its way."""
        self._move(Signal.WELCOMED)

    def renewed(self, request_id: str, user: str, expires_at: int | None) -> Effects:
        """Take the identity of a new token, unless it is somebody else's."""
        if user != self.user:
            message = f"token names user {user[:80]!r}; this session belongs to {self.user!r}: open another connection"
            return self.refuse(ParleyError(ErrorCode.UNAUTHENTICATED, message, field="token"), request_id)
        if self.state is State.CLOSED:
            return ()
        self._move(Signal.RENEWED)
        self.expires_at = expires_at
        return (Reply(Done(request_id)),)

    def refuse(self, error: ParleyError, request_id: str | None) -> Effects:
        """Answer a request with an error and go on."""
        return (Reply(error_frame(error, request_id)),)

    def end(self, code: CloseCode, reason: str) -> Effects:
        """Close for a reason from outside: replaced, refused, drained, gone."""
        if self.state is State.CLOSED:
            return ()
        self._move(Signal.END)
        return (End(code, reason),)

    def drain(self, within_ms: int, reason: str) -> Effects:
        """Ask the client to leave; one that is not yet ready is sent away at once."""
        if self.state in {State.DRAINING, State.CLOSED}:
            return ()
        if self._move(Signal.DRAIN) is State.DRAINING:
            return (Reply(GoAway(within_ms, reason)),)
        return (End(CloseCode.GOING_AWAY, reason),)

    def malformed(self, error: ParleyError, request_id: str | None, now: float) -> Effects:
        """Answer a frame that could not be decoded; whoever keeps sending such frames is closed."""
        answer = Reply(error_frame(error, request_id))
        if self._malformed is None:
            self._malformed = TokenBucket(_MALFORMED_PER_SECOND, MALFORMED_BURST, now)
        if self.state is State.OPENING or self._malformed.take(now) > 0.0:
            return (answer, *self.end(CloseCode.PROTOCOL_ERROR, "too many frames that could not be read"))
        return (answer,)

    def receive(self, frame: AnyClientFrame, now: float) -> Effects:
        """Decide what a frame means in this state."""
        if self.state is State.OPENING:
            return self._first(frame)
        if self.state in {State.RESUMING, State.CLOSED}:
            return ()
        if isinstance(frame, Hello):
            return self.malformed(
                ParleyError(ErrorCode.HELLO_REQUIRED, "hello was sent before; once is enough"), None, now
            )
        if self.state is State.LAPSED and not isinstance(frame, Authenticate | Ping):
            return self.refuse(self._expired(), id_of(frame))
        return self._serve(frame, now)

    def tick(self, now: float, wall_ms: int, socket: Socket) -> Effects:
        """Look after everything that only time brings: silence, stalls, the token's end, hints that wait."""
        if self.state is State.CLOSED:
            return ()
        if self.state is State.OPENING:
            return self._await_hello(now)
        return self._await_token(now, wall_ms) or self._await_progress(now, socket) or self._await_life(now) or (
            self.hint(now, room=socket.room)
        )  # fmt: skip

    def hint(self, now: float, *, room: bool) -> Effects:
        """Name the heads of withheld bodies, if it is time and the socket takes them."""
        if self.state is State.RESUMING:
            return ()
        heads = self.window.hint(room=room, now=now)
        return (Reply(HeadHint(heads)),) if heads else ()

    def _move(self, signal: Signal) -> State:
        self.state = next_state(self.state, signal)
        return self.state

    def _first(self, frame: AnyClientFrame) -> Effects:
        if isinstance(frame, Hello):
            self._move(Signal.HELLO)
            return (Introduce(frame),)
        error = ParleyError(ErrorCode.HELLO_REQUIRED, "the first frame of a connection must be hello", field="type")
        return (Reply(error_frame(error, id_of(frame))), *self.end(CloseCode.PROTOCOL_ERROR, error.message))

    def _ruled(self, ruling: Ruling, request_id: str | None) -> Effects | None:
        """Turn a ruling into what the client gets; None lets the frame pass."""
        if ruling.allowed:
            return None
        if ruling.flooding:
            return self.end(CloseCode.FLOODING, "requests went on far above the rate limit")
        message = f"more than {self._limits.sends_per_second:g} requests per second; try again in {ruling.after_ms} ms"
        return self.refuse(ParleyError(ErrorCode.RATE_LIMITED, message, after_ms=ruling.after_ms), request_id)

    def _serve(self, frame: AnyClientFrame, now: float) -> Effects:
        match frame:
            case Typing():
                return self._typing(frame, now)
            case Received():
                return self._mark(now, {name: Watermark(delivered=seq) for name, seq in frame.cursors.items()})
            case Read():
                return self._mark(now, {frame.conversation: Watermark(frame.seq, frame.seq)})
            case Request():
                signal = isinstance(frame, Ping)
                ruling = self._rates.signal(now) if signal else self._rates.request(now)
                refused = self._ruled(ruling, frame.id)
                return self._answer(frame, frame.id, now) if refused is None else refused
            case Hello():
                return ()

    def _answer(self, frame: AnyClientFrame, request_id: str, now: float) -> Effects:
        match frame:
            case Ping():
                return (Reply(Pong(request_id)),)
            case Authenticate():
                return (Renew(frame),)
            case Watch():
                return self._watch(frame)
            case Sync() | Resume():
                self.window.fetching(now)
            case _:
                pass
        return (Ask(frame),)

    def _watch(self, frame: Watch) -> Effects:
        named, maximum = len(set(frame.users)), self._limits.watched_users
        if named > maximum:
            message = f"users names {named} users; at most {maximum} may be watched"
            return self.refuse(ParleyError(ErrorCode.TOO_MANY_WATCHED, message, field="users"), frame.id)
        try:
            for user in frame.users:
                check_name(user, "users")
        except ParleyError as error:
            return self.refuse(error, frame.id)
        return (Follow(frame),)

    def _typing(self, frame: Typing, now: float) -> Effects:
        ruling = self._rates.typing(now)
        if ruling.allowed:
            return (Tell(frame),)
        return self.end(CloseCode.FLOODING, "typing went on far above the rate limit") if ruling.flooding else ()

    def _mark(self, now: float, watermarks: Mapping[str, Watermark]) -> Effects:
        """Take cumulative progress: it opens the window here, and is passed on."""
        refused = self._ruled(self._rates.signal(now), None)
        if refused is not None:
            return refused
        maximum = self._limits.resume_conversations
        if len(watermarks) > maximum:
            message = f"cursors names {len(watermarks)} conversations; at most {maximum} are allowed in one frame"
            return self.refuse(ParleyError(ErrorCode.BATCH_TOO_LARGE, message, field="cursors"), None)
        self.window.confirm({name: mark.delivered for name, mark in watermarks.items()}, now)
        meaningful = {name: mark for name, mark in watermarks.items() if mark.delivered > 0}
        return (Mark(meaningful),) if meaningful else ()

    @property
    def _rates(self) -> Allowance:
        if self._allowance is None:
            message = "a session takes requests only after identify"
            raise RuntimeError(message)
        return self._allowance

    def _await_hello(self, now: float) -> Effects:
        if now - self._opened_at < self._timing.hello_timeout_s:
            return ()
        message = f"no hello within {self._timing.hello_timeout_s:g} s"
        answer = Reply(error_frame(ParleyError(ErrorCode.HELLO_REQUIRED, message)))
        return (answer, *self.end(CloseCode.PROTOCOL_ERROR, message))

    def _await_token(self, now: float, wall_ms: int) -> Effects:
        if self.state is State.LAPSED:
            over = now - self._lapsed_at >= self._timing.grace_s
            return self.end(CloseCode.TOKEN_EXPIRED, "the token expired and was not renewed") if over else ()
        if self.expires_at is None or wall_ms < self.expires_at or self.state is State.RESUMING:
            return ()
        self._lapsed_at = now
        told = self.refuse(self._expired(), None)
        if self._move(Signal.EXPIRED) is State.CLOSED:
            return (*told, End(CloseCode.TOKEN_EXPIRED, "the token expired while the gateway drained"))
        return told

    def _await_progress(self, now: float, socket: Socket) -> Effects:
        timeout = self._timing.stall_timeout_s
        if self.vigil.stuck(now, socket, timeout) or self.window.stalled(now, timeout):
            return self.end(CloseCode.TOO_SLOW, f"no progress for {timeout:g} s while frames waited")
        return ()

    def _await_life(self, now: float) -> Effects:
        silence = self.vigil.silence(now, self._timing.heartbeat_s)
        if silence is Silence.LOST:
            return self.end(CloseCode.HEARTBEAT_LOST, "no frame and no pong for two heartbeats")
        return (Probe(),) if silence is Silence.DOUBTFUL else ()

    def _expired(self) -> ParleyError:
        message = f"the token has expired; send authenticate within {self._timing.grace_s:g} s"
        return ParleyError(ErrorCode.TOKEN_EXPIRED, message, field="token")

"""The client as a machine: what the server says, what the user wants and the time go in; frames and events come out.

It holds no socket, reads no clock and throws no dice of its own, so that every schedule can be tried. Times are
milliseconds of any clock that only goes forward.
"""

import math
from collections.abc import Callable
from typing import Final, Literal

from parley.client import events as happened
from parley.client.events import Event, State
from parley.client.inbox import Inbox, Start
from parley.client.outbox import Outbox, Pending
from parley.protocol import client_frames as asked
from parley.protocol import server_frames as told
from parley.protocol.errors import AUTHENTICATE_BELOW, RECONNECT_BELOW
from parley.protocol.views import EntryView

_FIRST_BACKOFF_MS: Final = 500
_LONGEST_BACKOFF_MS: Final = 30_000
_REFUSALS_BEFORE_STOP: Final = 3
_RESUME_SPREAD_MS: Final = 5_000
"""A refused resume is asked again at a random moment of so long, after the time that the server names."""


class Core:
    """Call `take` after every input, and `tick` at `next_at`."""

    def __init__(
        self,
        user: str,
        device: str,
        random: Callable[[], float],
        *,
        complete: bool = True,
        start: Start = "now",
        keep: bool = False,
    ) -> None:
        """Begin offline; `random` gives numbers from 0 up to 1."""
        self.user = user
        self.device = device
        self.state = State.OFFLINE
        self.outbox = Outbox(random)
        self.inbox = Inbox(user, complete, start, keep, self._number, self._settle)
        self._random = random
        self._frames: list[asked.AnyClientFrame] = []
        self._events: list[Event] = []
        self._numbers = 0
        self._attempts = 0
        self._refusals = 0
        self._connect_at = math.inf
        self._leave_at = math.inf
        self._resume_at = math.inf
        self._stay_away_ms = 0
        self._gave_up_for = ""
        self._heartbeat_ms = 30_000.0
        self._sent_at = 0.0
        self._heard_at = 0.0
        self.watched: tuple[str, ...] = ()

    def take(self) -> tuple[list[asked.AnyClientFrame], list[Event]]:
        """Frames to send and events to tell, since the last call."""
        frames, events = [*self._frames, *self.inbox.frames], [*self._events, *self.inbox.events]
        for taken in (self._frames, self._events, self.inbox.frames, self.inbox.events):
            taken.clear()
        return frames, events

    def take_events(self) -> list[Event]:
        """Events alone; frames wait for the next `take`."""
        events = [*self._events, *self.inbox.events]
        self._events.clear()
        self.inbox.events.clear()
        return events

    def next_at(self) -> float:
        """When `tick` has to be called at the latest."""
        if self.state is not State.ONLINE:
            return self._connect_at
        return min(
            self._connect_at,
            self._leave_at,
            self._resume_at,
            self.inbox.received_at,
            self.outbox.next_at(),
            self._sent_at + self._heartbeat_ms * 0.8,
            self._heard_at + self._heartbeat_ms * 2,
        )

    def start(self, now: float) -> None:
        """The user wants to be connected from now on."""
        self._connect_at = now
        self._become(State.CONNECTING)

    def stop(self, reason: str = "") -> None:
        """The user wants to be gone, or the server does not want him."""
        self._connect_at = math.inf
        self._become(State.STOPPED)
        self._events.append(happened.StoppedEvent(reason))

    def connected(self, token: str, now: float) -> None:
        """A socket is open: say hello."""
        self._sent_at = self._heard_at = now
        self._frames.append(asked.Hello(token, self.device, self.inbox.cursors()))

    def disconnected(self, code: int, now: float, reason: str = "") -> None:
        """The socket is gone, or could not be opened (code 0)."""
        if self.state is State.STOPPED:
            return
        self.outbox.disconnected()
        self.inbox.disconnected()
        self._leave_at = self._resume_at = math.inf
        refused = RECONNECT_BELOW <= code < AUTHENTICATE_BELOW
        self._refusals = self._refusals + 1 if refused else 0
        if code >= AUTHENTICATE_BELOW or self._refusals >= _REFUSALS_BEFORE_STOP:
            self.stop(reason or f"the server closed the connection for good ({code})")
            return
        longest = min(_LONGEST_BACKOFF_MS, _FIRST_BACKOFF_MS * 2**self._attempts)
        self._attempts += 1
        again_in_ms = self._stay_away_ms + self._random() * longest
        self._connect_at = now + again_in_ms
        ended = f"the connection ended ({code})" if code else "no connection could be opened"
        why = self._gave_up_for or reason or ended
        self._stay_away_ms, self._gave_up_for = 0, ""
        self._become(State.OFFLINE, why, again_in_ms)

    def tick(self, now: float) -> Literal["connect", "close"] | None:
        """Do what is due; tells when the socket is to be opened or given up."""
        if now >= self._connect_at:
            self._connect_at = math.inf
            self._become(State.CONNECTING)
            return "connect"
        if self.state is not State.ONLINE:
            return None
        if now >= self._leave_at:
            self._gave_up_for = "the server asked to be left for another one"
            return "close"
        if now - self._heard_at >= self._heartbeat_ms * 2:
            self._gave_up_for = f"the server was silent for {self._heartbeat_ms * 2 / 1000:g} s"
            return "close"
        if now >= self._resume_at:
            self._resume_at = math.inf
            self._frames.append(asked.Resume(self._number("resume"), self.inbox.cursors()))
        if now >= self.inbox.received_at:
            self.inbox.confirm()
        self._flush(now)
        if now - self._sent_at >= self._heartbeat_ms * 0.8:
            self._frames.append(asked.Ping(self._number("ping")))
        if self._frames or self.inbox.frames:
            self._sent_at = now
        return None

    def change(self, conversation: str | None, frame: asked.Change, now: float) -> Pending:
        """Make a change; it is sent now, or when there is a connection."""
        pending = self.outbox.add(conversation, frame)
        self._flush(now)
        return pending

    def ask(self, frame: Callable[[str], asked.AnyClientFrame]) -> str | None:
        """Ask something; returns the id that the answer will have, or None without a connection."""
        if self.state is not State.ONLINE:
            return None
        identifier = self._number("ask")
        self._frames.append(frame(identifier))
        return identifier

    def signal(self, frame: asked.AnyClientFrame) -> None:
        """Say something that is not answered and may be lost."""
        if self.state is State.ONLINE:
            self._frames.append(frame)

    def mark_read(self, conversation: str, seq: int) -> None:
        """The user has seen everything up to `seq`."""
        state = self.inbox.state(conversation)
        if seq > state.read:
            state.read_up_to(seq)
            self.signal(asked.Read(conversation, seq))

    def watch(self, users: tuple[str, ...]) -> str | None:
        """Follow the presence of users, now and after every reconnect."""
        self.watched = users
        return self.ask(lambda identifier: asked.Watch(identifier, users))

    def receive(self, frame: told.AnyServerFrame, now: float) -> None:  # noqa: C901 - one case per frame
        """Take a frame of the server."""
        self._heard_at = now
        match frame:
            case told.Welcome():
                self._welcome(frame, now)
            case told.Resumed():
                self.inbox.changed(frame.conversations, more=frame.more, now=now)
            case told.ConversationPage() if not frame.id.startswith("ask-"):
                self.inbox.listed(frame, now)
            case told.Message():
                self.inbox.message(frame, now)
            case told.Page():
                self.inbox.page(frame, now)
            case told.HeadHint():
                self.inbox.hint(frame)
            case told.Ack() | told.Duplicate() | told.Failed() | told.ErrorFrame():
                self._change_answered(frame, now)
            case told.GoAway():
                self._leave_at = now + self._random() * frame.within_ms
            case told.Resync():
                self._resume_at = now + self._random() * frame.within_ms
            case _:
                self._signal(frame)
        identifier = getattr(frame, "id", None)
        if identifier is not None and identifier.startswith("ask-"):
            self._events.append(happened.AnsweredEvent(identifier, frame))

    def _welcome(self, frame: told.Welcome, now: float) -> None:
        self._attempts = self._refusals = 0
        self._heartbeat_ms = frame.heartbeat_ms
        self.inbox.window_frames = frame.window_frames
        self._become(State.ONLINE)
        self.inbox.welcomed()
        self.inbox.changed(frame.conversations, more=frame.more, now=now)
        if self.watched:
            self.watch(self.watched)
        self._flush(now)

    def _change_answered(self, frame: told.Ack | told.Duplicate | told.Failed | told.ErrorFrame, now: float) -> None:
        failed: Pending | None = None
        match frame:
            case told.Ack():
                if (pending := self.outbox.acknowledged(frame.id, frame.conversation)) is not None:
                    self._events.append(happened.AcknowledgedEvent(pending.key, frame))
            case told.Duplicate():
                if (pending := self.outbox.settled(frame.conversation, frame.client_msg_id)) is not None:
                    self._events.append(happened.SettledEvent(pending.key, frame.conversation, frame.seq))
            case told.Failed():
                failed = self.outbox.settled(frame.conversation, frame.client_msg_id)
            case told.ErrorFrame():
                failed = self.outbox.refused(frame, now)
                self.inbox.refused(frame.id or "")
                self._come_later(frame, now)
        if failed is not None and isinstance(frame, told.Failed | told.ErrorFrame):
            field = frame.field if isinstance(frame, told.ErrorFrame) else None
            self._events.append(happened.FailedEvent(failed.key, failed.conversation, frame.code, frame.message, field))

    def _come_later(self, error: told.ErrorFrame, now: float) -> None:
        """A refused hello is said again after the time that the server names, a refused resume as well."""
        if self.state is not State.ONLINE:
            self._stay_away_ms = error.after_ms or 0
        elif error.retryable and (error.id or "").startswith("resume-"):
            self._resume_at = now + (error.after_ms or 0) + self._random() * _RESUME_SPREAD_MS

    def _signal(self, frame: told.AnyServerFrame) -> None:
        match frame:
            case told.Receipt():
                self.inbox.state(frame.conversation).mark(frame.watermarks)
                self._events.append(happened.ReceiptEvent(frame.conversation, frame))
            case told.PresenceUpdate():
                self._events.append(happened.PresenceEvent(frame.users))
            case told.TypingNotice():
                self._events.append(happened.TypingEvent(frame.conversation, frame.user, frame.active))
            case _:
                pass

    def _settle(self, conversation: str, entry: EntryView) -> None:
        if entry.sender != self.user:
            return
        pending = self.outbox.settled(conversation, entry.client_msg_id)
        if pending is not None:
            self._events.append(happened.SettledEvent(pending.key, conversation, entry.seq))

    def _flush(self, now: float) -> None:
        if self.state is State.ONLINE:
            self._frames += self.outbox.due(now, lambda: self._number("change"))  # type: ignore[arg-type]  # every change is a client frame

    def _become(self, state: State, reason: str = "", again_in_ms: float | None = None) -> None:
        if self.state not in {state, State.STOPPED}:
            self.state = state
            self._events.append(happened.StateEvent(state, reason, again_in_ms))

    def _number(self, kind: str) -> str:
        self._numbers += 1
        return f"{kind}-{self._numbers}"

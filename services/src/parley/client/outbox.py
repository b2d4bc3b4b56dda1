"""Changes that are not known to be in the order yet. Pure: time (ms) and randomness are handed in.

A change leaves the outbox when its echo, `duplicate` or `failed` comes; an ack alone is not enough, since the
sequencer has the last word. Until then it is sent again, marked as a retry, and nothing of the same conversation
overtakes it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from parley.protocol.client_frames import Change
from parley.protocol.server_frames import ErrorFrame

ECHO_MS: Final = 10_000
_BACKOFF_MS: Final = 500
_LONGEST_MS: Final = 30_000


@dataclass(slots=True)
class Pending:
    """A change on its way. `conversation` is None for a group that has no id yet."""

    conversation: str | None
    frame: Change
    attempts: int = 0
    due_at: float = 0
    id: str = ""
    under_way: bool = False
    acknowledged: bool = False

    @property
    def key(self) -> str:
        """What makes it idempotent."""
        return self.frame.client_msg_id


@dataclass(slots=True)
class Outbox:
    """Holds changes in the order in which they were made; `random` gives numbers from 0 up to 1."""

    random: Callable[[], float]
    changes: list[Pending] = field(default_factory=list)

    def add(self, conversation: str | None, frame: Change) -> Pending:
        """Add a change; it is due at once."""
        pending = Pending(conversation, frame)
        self.changes.append(pending)
        return pending

    def due(self, now: float, next_id: Callable[[], str]) -> list[Change]:
        """Everything that is due, in order; a change that waits holds back those of its conversation behind it."""
        frames: list[Change] = []
        held: set[str | None] = set()
        for pending in self.changes:
            if pending.conversation in held:
                continue
            if pending.due_at > now:
                if not pending.under_way:
                    held.add(pending.conversation)
                continue
            pending.id = next_id()
            pending.attempts += 1
            pending.under_way = True
            pending.due_at = now + ECHO_MS * min(pending.attempts, 3)
            retry = pending.frame.retry or pending.attempts > 1
            frames.append(msgspec.structs.replace(pending.frame, id=pending.id, retry=retry))
        return frames

    def next_at(self) -> float:
        """When the next change is due."""
        return min((pending.due_at for pending in self.changes), default=math.inf)

    def disconnected(self) -> None:
        """Whatever was under way is due at once when there is a new connection."""
        for pending in self.changes:
            pending.due_at = 0
            pending.under_way = False

    def acknowledged(self, identifier: str, conversation: str) -> Pending | None:
        """The frame is durable; a group learns its id."""
        pending = self._by_id(identifier)
        if pending is not None:
            pending.acknowledged = True
            pending.conversation = conversation
        return pending

    def refused(self, error: ErrorFrame, now: float) -> Pending | None:
        """The server refused a frame: returns the change when that is for good, else it is due again later."""
        pending = self._by_id(error.id or "")
        if pending is None:
            return None
        if not error.retryable:
            self.changes.remove(pending)
            return pending
        longest = min(_LONGEST_MS, _BACKOFF_MS * 2**pending.attempts)
        pending.due_at = now + (error.after_ms or 0) + self.random() * longest
        pending.under_way = False
        return None

    def settled(self, conversation: str, key: str) -> Pending | None:
        """The change has its place in the order, or was refused there: take it out."""
        for pending in self.changes:
            if pending.key == key and pending.conversation in {conversation, None}:
                self.changes.remove(pending)
                return pending
        return None

    def _by_id(self, identifier: str) -> Pending | None:
        return next((pending for pending in self.changes if pending.id and pending.id == identifier), None)

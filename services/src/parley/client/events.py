"""What the client tells an application."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from parley.protocol.server_frames import Ack, AnyServerFrame, Receipt
from parley.protocol.views import EntryView, Presence


class State(StrEnum):
    """Where a client stands. Stopped is final."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StateEvent:
    """The connection came or went.

    Offline tells why, in words for a person, and in how many milliseconds the client tries again.
    """

    state: State
    reason: str = ""
    again_in_ms: float | None = None


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """A new entry of a conversation: a message, an edit, a reaction, a change of members."""

    conversation: str
    entry: EntryView


@dataclass(frozen=True, slots=True)
class ConversationEvent:
    """What is known of a conversation changed."""

    conversation: str


@dataclass(frozen=True, slots=True)
class ReceiptEvent:
    """Somebody received or read more."""

    conversation: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class PresenceEvent:
    """Watched users came or left."""

    users: dict[str, Presence]


@dataclass(frozen=True, slots=True)
class TypingEvent:
    """Somebody began or stopped typing."""

    conversation: str
    user: str
    active: bool


@dataclass(frozen=True, slots=True)
class AcknowledgedEvent:
    """A change is durable."""

    key: str
    ack: Ack


@dataclass(frozen=True, slots=True)
class SettledEvent:
    """A change has its place in the order."""

    key: str
    conversation: str
    seq: int


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """A change was refused for good; it will not be sent again."""

    key: str
    conversation: str | None
    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class AnsweredEvent:
    """The answer to a question."""

    id: str
    frame: AnyServerFrame


@dataclass(frozen=True, slots=True)
class StoppedEvent:
    """The client will not connect again, and why."""

    reason: str


Event: TypeAlias = (
    StateEvent
    | MessageEvent
    | ConversationEvent
    | ReceiptEvent
    | PresenceEvent
    | TypingEvent
    | AcknowledgedEvent
    | SettledEvent
    | FailedEvent
    | AnsweredEvent
    | StoppedEvent
)

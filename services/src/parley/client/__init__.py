"""The Python SDK: connect, send, and see every conversation in its one order."""

from parley.client.events import (
    Event,
    FailedEvent,
    MessageEvent,
    PresenceEvent,
    ReceiptEvent,
    StateEvent,
    StoppedEvent,
    TypingEvent,
)
from parley.client.parley_client import ParleyClient
from parley.client.sent import Sent
from parley.domain.errors import ErrorCode, ParleyError

__all__ = [
    "ErrorCode",
    "Event",
    "FailedEvent",
    "MessageEvent",
    "ParleyClient",
    "ParleyError",
    "PresenceEvent",
    "ReceiptEvent",
    "Sent",
    "StateEvent",
    "StoppedEvent",
    "TypingEvent",
]

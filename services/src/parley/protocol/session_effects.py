"""What a session wants done; the gateway does it and knows nothing of why."""

from dataclasses import dataclass
from typing import TypeAlias

from parley.protocol.client_frames import AnyClientFrame, Authenticate, Hello, Typing, Watch
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import AnyServerFrame
from parley.protocol.views import Watermark


@dataclass(frozen=True, slots=True)
class Reply:
    """Send this frame to the client."""

    frame: AnyServerFrame


@dataclass(frozen=True, slots=True)
class End:
    """Close the connection; the session takes nothing more."""

    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Probe:
    """Send a WebSocket ping, to hear whether anybody is there."""


@dataclass(frozen=True, slots=True)
class Introduce:
    """Verify the token, register the device, then have chat resume it; answer with `welcome` or with an end."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class Renew:
    """Verify the new token; answer with `renewed` or `not_renewed`."""

    request: Authenticate


@dataclass(frozen=True, slots=True)
class Ask:
    """Let chat answer this request."""

    frame: AnyClientFrame


@dataclass(frozen=True, slots=True)
class Tell:
    """Let chat know; there is no answer."""

    frame: Typing


@dataclass(frozen=True, slots=True)
class Mark:
    """Pass on how far the user got."""

    watermarks: dict[str, Watermark]


@dataclass(frozen=True, slots=True)
class Follow:
    """Watch exactly these users, and answer with their presence."""

    watch: Watch


Effect: TypeAlias = Reply | End | Probe | Introduce | Renew | Ask | Tell | Mark | Follow

"""What a session wants done; the gateway does it and knows nothing of why."""

from typing import TypeAlias

import msgspec

from parley.protocol.client_frames import AnyClientFrame, Authenticate, Hello, Typing, Watch
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import AnyServerFrame
from parley.protocol.views import Watermark


class Reply(msgspec.Struct, frozen=True):
    """Send this frame to the client."""

    frame: AnyServerFrame


class End(msgspec.Struct, frozen=True):
    """Close the connection; the session takes nothing more."""

    code: CloseCode
    reason: str


class Probe(msgspec.Struct, frozen=True):
    """Send a WebSocket ping, to hear whether anybody is there."""


class Introduce(msgspec.Struct, frozen=True):
    """Verify the token, register the device, then have chat resume it; answer with `welcome` or with an end."""

    hello: Hello


class Renew(msgspec.Struct, frozen=True):
    """Verify the new token; answer with `renewed` or `not_renewed`."""

    request: Authenticate


class Ask(msgspec.Struct, frozen=True):
    """Let chat answer this request."""

    frame: AnyClientFrame


class Tell(msgspec.Struct, frozen=True):
    """Let chat know; there is no answer."""

    frame: Typing


class Mark(msgspec.Struct, frozen=True):
    """Pass on how far the user got."""

    watermarks: dict[str, Watermark]


class Follow(msgspec.Struct, frozen=True):
    """Watch exactly these users, and answer with their presence."""

    watch: Watch


Effect: TypeAlias = Reply | End | Probe | Introduce | Renew | Ask | Tell | Mark | Follow

"""What a gateway asks of the chat service, in batches: the client's own frames, with the identity already proven.

The gateway is trusted: it alone has seen the token. A batch keeps the order of one lane; each item has its own
answer, so that one slow partition delays its own items only.
"""

from typing import TypeAlias

import msgspec

from parley.protocol.client_frames import AnyClientFrame
from parley.protocol.server_frames import AnyServerFrame
from parley.protocol.views import Watermark


class Marks(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="marks"):
    """How far one user got in several conversations, already max-merged by the gateway. Answered by nothing."""

    watermarks: dict[str, Watermark]


Asked: TypeAlias = AnyClientFrame | Marks


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request of one user. `asked_at` is when it came to the platform, in ms: it tells a change that was overtaken.

    `trace` is the id that follows it through every stage's log, `traceparent` the W3C context of one that is traced.
    """

    user: str
    device: str
    asked: Asked
    trace: str = ""
    asked_at: int = 0
    traceparent: str = ""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the client gets for a call: one frame, or none."""

    frame: AnyServerFrame | None = None

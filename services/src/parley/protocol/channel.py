"""What flows to one gateway: frames for its users, and the chain that makes a lost entry visible.

Every entry names its timeline partition, its own position there, and the position of the entry from that partition
that was sent to this gateway before it. A beacon repeats the last one each second. A mismatch is a gap: the gateway
then tells its clients to resync. So the channel may lose anything and no message is lost.
"""

from typing import Final, TypeAlias

import msgspec

from parley.domain.position import NOWHERE
from parley.protocol.server_frames import AnyServerFrame


class Link(msgspec.Struct, frozen=True, array_like=True):
    """One link of the chain of a partition: this position, and the one sent to this gateway before it."""

    partition: int
    position: int
    previous: int = NOWHERE


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="delivery"):
    """One frame for several users of this gateway, encoded once there. `link` is None for frames that may be lost.

    `traceparent` is the W3C context of a message that is traced.
    """

    users: tuple[str, ...]
    frame: AnyServerFrame
    link: Link | None = None
    trace: str = ""
    appended_at: int = 0
    traceparent: str = ""


class Beacon(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="beacon"):
    """The last links that `source` sent to this gateway, each second, so that silence is noticed as well."""

    source: str
    last: tuple[Link, ...]


class WatchedChanged(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="watched"):
    """A watched user came or left; `last_seen` in ms. The gateway knows which of its connections watch."""

    user: str
    online: bool
    last_seen: int | None = None


class Replaced(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="replaced"):
    """A device said hello at another gateway at the moment `at` (ms): close what it opened here before."""

    user: str
    device: str
    at: int


ChannelItem: TypeAlias = Delivery | Beacon | WatchedChanged | Replaced

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final[msgspec.msgpack.Decoder[ChannelItem]] = msgspec.msgpack.Decoder(ChannelItem)


def encode_item(item: ChannelItem) -> bytes:
    """Encode an item for a gateway's stream."""
    return _ENCODER.encode(item)


def decode_item(data: bytes) -> ChannelItem:
    """Decode an item of a gateway's stream; raises msgspec.DecodeError for one that no version of ours wrote."""
    return _DECODER.decode(data)

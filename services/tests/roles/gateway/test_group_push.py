"""What a large group costs a gateway: each frame is encoded once, and only writing is done for each member."""

from typing import Any

import pytest

from parley.protocol.codec import MSGPACK, Codec
from parley.protocol.server_frames import Message
from tests.roles.gateway.running import delivery, message, running

MEMBERS = 24


async def test_a_groups_message_is_encoded_once_per_encoding_for_all_members_of_a_gateway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded: list[str] = []
    encode = Codec.encode

    def counting(codec: Codec, frame: Any) -> bytes:
        if isinstance(frame, Message):
            encoded.append(codec.subprotocol)
        return encode(codec, frame)

    monkeypatch.setattr(Codec, "encode", counting)
    async with running() as gateway:
        members = [f"member-{number}" for number in range(MEMBERS)]
        peers = [await gateway.join(member) for member in members]
        other = await gateway.join("member-0", "tablet", MSGPACK)
        await gateway.publish(delivery(1, *members), delivery(2, *members))
        for peer in (*peers, other):
            assert [await peer.hear(Message), await peer.hear(Message)] == [message(1), message(2)]
    assert len(encoded) == 2 * len(set(encoded)) == 4

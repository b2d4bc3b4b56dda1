"""What one turn of the loop has for a socket leaves with one write, whole and in order."""

import asyncio
from typing import Any
from unittest import mock

import pytest
from typing_extensions import override
from websockets.protocol import State
from websockets.server import ServerProtocol

from parley.protocol.codec import JSON
from parley.protocol.server_frames import Done, Pong
from parley.roles.gateway.gateway_socket import GatewaySocket
from parley.roles.gateway.outbound import Outbound
from parley.roles.gateway.write_turn import TURN_BYTES, WriteTurn


class Wire(asyncio.Transport):
    """Takes everything, and keeps each write by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    @override
    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    @override
    def get_write_buffer_size(self) -> int:
        return 0

    @override
    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Take any."""


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def socket(wire: Wire) -> GatewaySocket:
    turn = WriteTurn(asyncio.get_running_loop())
    server = mock.Mock(handler=lambda _: asyncio.sleep(0), handler_tasks=set())
    made = GatewaySocket(turn, ServerProtocol(), server, ping_interval=None)
    made.connection_made(wire)
    made.protocol.state = State.OPEN
    return made


async def test_frames_of_one_turn_leave_together_and_in_order(socket: GatewaySocket, wire: Wire) -> None:
    frames = [Outbound(Pong(str(number))) for number in range(5)]
    for frame in frames:
        socket.emit(frame, JSON)
    whole = b"".join(frame.wire(JSON) for frame in frames)
    assert wire.writes == []
    assert socket.waiting == len(whole)
    await asyncio.sleep(0)
    assert wire.writes == [whole]
    assert socket.waiting == 0


async def test_the_next_turn_writes_again(socket: GatewaySocket, wire: Wire) -> None:
    for _ in range(2):
        socket.emit(Outbound(Pong("1")), JSON)
        await asyncio.sleep(0)
    assert len(wire.writes) == 2


async def test_much_does_not_wait_for_the_end_of_the_turn(socket: GatewaySocket, wire: Wire) -> None:
    frame = Outbound(Done("x" * TURN_BYTES))
    socket.emit(frame, JSON)
    assert wire.writes == [frame.wire(JSON)]


async def test_a_ping_of_the_library_stays_behind_what_came_before_it(socket: GatewaySocket, wire: Wire) -> None:
    frame = Outbound(Pong("1"))
    socket.emit(frame, JSON)
    socket.probe()
    assert wire.writes[0] == frame.wire(JSON)
    assert len(wire.writes) == 2

"""A socket without any manners: it sends what it is told to and reads what it likes."""

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from parley.contract import SOCKET_PATH, SUBPROTOCOL_JSON
from tests.platform import Platform

Frame = dict[str, Any]


@asynccontextmanager
async def raw_socket(platform: Platform, **options: Any) -> AsyncIterator[ClientConnection]:
    """Open a socket that has not said anything yet."""
    url = platform.url.replace("http", "ws", 1) + SOCKET_PATH
    options = {"subprotocols": [Subprotocol(SUBPROTOCOL_JSON)], "ping_interval": None, "proxy": None, **options}
    socket = await connect(url, **options)
    try:
        yield socket
    finally:
        # The library fails on a transport that the other side has reset already.
        with contextlib.suppress(AttributeError):
            await socket.close()


async def say(socket: ClientConnection, frame: Frame) -> None:
    """Send a frame."""
    await socket.send(msgspec.json.encode(frame).decode())


async def hear(socket: ClientConnection, *types: str) -> Frame:
    """Read until a frame of one of these types comes; any frame without them."""
    while True:
        frame: Frame = msgspec.json.decode(await socket.recv())
        if not types or frame["type"] in types:
            return frame


async def greet(socket: ClientConnection, token: str, device: str = "raw") -> Frame:
    """Say hello, and hear the welcome or the refusal."""
    await say(socket, {"type": "hello", "token": token, "device": device})
    return await hear(socket)

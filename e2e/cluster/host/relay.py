"""Carries TCP connections from one network namespace into another, byte by byte."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

_PIECE = 64 * 1024

Connect = Callable[[], Awaitable[socket.socket]]
"""Makes the connection on the other side; raises OSError when nobody listens there."""


async def serve_relay(listener: socket.socket, connect: Connect) -> None:
    """Relay every connection to `listener`, for ever; one whose other side cannot be reached is closed at once."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_connection(sock=await connect())
        except OSError:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(_pump(reader, other_writer), _pump(other_reader, writer))
        except OSError:
            other_writer.transport.abort()
            writer.transport.abort()
        finally:
            other_writer.close()
            writer.close()

    server = await asyncio.start_server(carry, sock=listener)
    async with server:
        await server.serve_forever()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry one direction to its end; the other direction may go on, as TCP allows."""
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()

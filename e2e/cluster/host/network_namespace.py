"""Sockets inside the network namespace of another process; a socket stays where it was made."""

import asyncio
import ctypes
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

_CLONE_NEWNET = 0x40000000


class NetworkNamespace:
    """Makes sockets in a namespace by a thread that lives there; the rest of this process stays where it is."""

    def __init__(self, pid: int) -> None:
        """Enter the network namespace of the process `pid`; raises OSError when that is not allowed."""
        self._thread = ThreadPoolExecutor(1, "namespace")
        self._thread.submit(_enter, Path(f"/proc/{pid}/ns/net")).result()

    def __enter__(self) -> Self:
        """Use it for a while."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the thread end."""
        self._thread.shutdown()

    async def connected(self, host: str, port: int) -> socket.socket:
        """A TCP socket that is connected to an address of the namespace."""
        made = await asyncio.wrap_future(self._thread.submit(_tcp_socket))
        try:
            await asyncio.get_running_loop().sock_connect(made, (host, port))
        except BaseException:
            made.close()
            raise
        return made

    def listening(self, host: str, port: int) -> socket.socket:
        """A TCP socket that listens on an address of the namespace."""
        return self._thread.submit(listening_socket, host, port).result()


def listening_socket(host: str, port: int) -> socket.socket:
    """A TCP socket that listens in the namespace of the caller."""
    made = _tcp_socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(512)
    return made


def _tcp_socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    return made


def _enter(namespace: Path) -> None:
    descriptor = os.open(namespace, os.O_RDONLY)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if library.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(namespace))
    finally:
        os.close(descriptor)

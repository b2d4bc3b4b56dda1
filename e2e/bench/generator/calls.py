"""Calls between the benchmark and the processes of its generator, over a socket: a method, arguments, the answer."""

import asyncio
import pickle
import socket
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Final, Self

_LENGTH: Final = 8


class CallError(Exception):
    """What was called raised an error, whose traceback is the text; or its process has ended."""


class Caller:
    """The side that calls; several calls may be under way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Made by `over`."""
        self._writer = writer
        self._count = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._ended = False
        self._hearing = asyncio.create_task(self._hear(reader))

    @classmethod
    async def over(cls, ours: socket.socket) -> Self:
        """The caller on one end of a pair of sockets."""
        return cls(*await asyncio.open_connection(sock=ours))

    async def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the method returns
        """The answer; raises CallError with the error of the other side, also when its process ended."""
        if self._ended:
            raise CallError("a process of the load generator has ended; its output says why")
        self._count += 1
        answer = self._waiting[self._count] = asyncio.get_running_loop().create_future()
        self._writer.write(_packed((self._count, method, arguments)))
        return await answer

    def close(self) -> None:
        """No more calls."""
        self._hearing.cancel()
        self._writer.close()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                number, good, value = await _unpacked(reader)
                answer = self._waiting.pop(number)
                if good:
                    answer.set_result(value)
                else:
                    answer.set_exception(CallError(value))
        except (EOFError, OSError):
            self._ended = True
            for waiting in self._waiting.values():
                waiting.set_exception(CallError("a process of the load generator ended; its output says why"))
            self._waiting.clear()


async def serve(theirs: socket.socket, served: object) -> None:
    """Answer calls of the object's public methods until the other side closes."""
    reader, writer = await asyncio.open_connection(sock=theirs)
    tasks: set[asyncio.Task[None]] = set()
    try:
        while True:
            number, method, arguments = await _unpacked(reader)
            task = asyncio.create_task(_answer(writer, number, getattr(served, method), arguments))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
    except (EOFError, OSError):
        for task in tasks:
            task.cancel()
        writer.close()


async def _answer(
    writer: asyncio.StreamWriter,
    number: int,
    method: Callable[..., Awaitable[object]],
    arguments: Any,  # noqa: ANN401 - whatever the method takes
) -> None:
    try:
        answer = (number, True, await method(*arguments))
    except Exception:  # noqa: BLE001 - the other side raises it again
        answer = (number, False, traceback.format_exc())
    writer.write(_packed(answer))


def _packed(message: object) -> bytes:
    body = pickle.dumps(message)
    return len(body).to_bytes(_LENGTH) + body


async def _unpacked(reader: asyncio.StreamReader) -> Any:  # noqa: ANN401 - what the other side packed
    """The next message; both sides are processes of ours. Raises IncompleteReadError, an EOFError, at the end."""
    size = int.from_bytes(await reader.readexactly(_LENGTH))
    return pickle.loads(await reader.readexactly(size))  # noqa: S301 - as above

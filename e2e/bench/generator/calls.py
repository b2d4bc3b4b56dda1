"""Calls between the benchmark and the processes of its generator, over a pipe."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any


class CallError(Exception):
    """What was called raised an error; the text has its traceback."""


class Caller:
    """The side that calls; several calls may be under way."""

    def __init__(self, pipe: Connection) -> None:
        """Read answers as they come, on the running loop."""
        self._pipe = pipe
        self._count = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        asyncio.get_running_loop().add_reader(pipe.fileno(), self._hear)

    async def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 - whatever the method returns
        """The answer; raises CallError with the error of the other side, also when its process ended."""
        self._count += 1
        answer = self._waiting[self._count] = asyncio.get_running_loop().create_future()
        self._pipe.send((self._count, method, arguments))
        return await answer

    def close(self) -> None:
        """No more calls."""
        asyncio.get_running_loop().remove_reader(self._pipe.fileno())
        self._pipe.close()

    def _hear(self) -> None:
        try:
            number, good, value = self._pipe.recv()
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            for waiting in self._waiting.values():
                waiting.set_exception(CallError("a process of the load generator ended; its output says why"))
            self._waiting.clear()
            return
        answer = self._waiting.pop(number)
        if good:
            answer.set_result(value)
        else:
            answer.set_exception(CallError(value))


async def serve(pipe: Connection, served: object) -> None:
    """Answer calls of the object's public methods until the other side closes."""
    loop, closed = asyncio.get_running_loop(), asyncio.Event()
    tasks: set[asyncio.Task[None]] = set()

    def hear() -> None:
        try:
            number, method, arguments = pipe.recv()
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            closed.set()
            return
        task = loop.create_task(_answer(pipe, number, getattr(served, method), arguments))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_reader(pipe.fileno(), hear)
    await closed.wait()
    for task in tasks:
        task.cancel()


async def _answer(pipe: Connection, number: int, method: Callable[..., Awaitable[object]], arguments: Any) -> None:  # noqa: ANN401
    try:
        answer = (number, True, await method(*arguments))
    except Exception:  # noqa: BLE001 - the other side raises it again
        answer = (number, False, traceback.format_exc())
    pipe.send(answer)

"""The way back from worker threads to the event loop: one wake-up for many results."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec


class Completion(msgspec.Struct, frozen=True):
    """A result, or an error, for one waiting coroutine; `after` sees the result first, even if nobody waits."""

    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = None
    after: Callable[[Any], None] | None = None


class Completions:
    """Hands results to the loop in the order of their delivery; a wake-up that is on its way takes later ones along."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Belongs to one event loop; `deliver` may be called from any thread."""
        self._loop = loop
        self._waiting: deque[Completion] = deque()
        self._woken = False

    def deliver(self, completions: Iterable[Completion]) -> None:
        """Queue results, then wake the loop unless it is waking already."""
        self._waiting.extend(completions)
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        self._woken = False
        while self._waiting:
            completion = self._waiting.popleft()
            if completion.error is None and completion.after is not None:
                completion.after(completion.result)
            future = completion.future
            if future.done():
                continue
            if completion.error is not None:
                future.set_exception(completion.error)
            else:
                future.set_result(completion.result)

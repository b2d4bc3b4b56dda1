"""The driver's asyncio connection with less work per request.

The original makes a task and a future in another thread for every request it sends, and two more for its deadline: that
was half of what a request cost here. This one hands over bytes, and looks at all deadlines twenty times a second.
"""

import heapq
import itertools
import time
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, Final

import structlog
from cassandra.io.asyncioreactor import AsyncioConnection

_LOOK_EVERY_S: Final = 0.05
_log: Final = structlog.get_logger()


class _Deadline:
    """What the driver calls a timer: it may be cancelled by any thread."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class QuickConnection(AsyncioConnection):  # type: ignore[misc]  # the driver has no types
    """Keeps the original's guarantees: bytes leave in order, and a deadline passes at most 50 ms late."""

    _new: ClassVar[deque[tuple[float, int, _Deadline]]] = deque()
    _deadlines: ClassVar[list[tuple[float, int, _Deadline]]] = []
    _numbers: ClassVar["itertools.count[int]"] = itertools.count()
    _served: ClassVar[Any] = None

    @classmethod
    def initialize_reactor(cls) -> None:
        """Start the driver's loop once per process, and the look at the deadlines with it."""
        super().initialize_reactor()
        if cls._served is not cls._loop:
            cls._served = cls._loop
            cls._loop.call_soon_threadsafe(cls._look)

    @classmethod
    def create_timer(cls, timeout: float, callback: Callable[[], object]) -> _Deadline:
        """Call back after so many seconds, in the driver's thread, unless it is cancelled before."""
        deadline = _Deadline(callback)
        cls._new.append((time.monotonic() + timeout, next(cls._numbers), deadline))
        return deadline

    def push(self, data: bytes) -> None:
        """Queue bytes to be sent; may be called by any thread."""
        self._loop.call_soon_threadsafe(self._write_queue.put_nowait, data)

    @classmethod
    def _look(cls) -> None:
        while cls._new:
            heapq.heappush(cls._deadlines, cls._new.popleft())
        now = time.monotonic()
        while cls._deadlines and (cls._deadlines[0][0] <= now or cls._deadlines[0][2].callback is None):
            callback = heapq.heappop(cls._deadlines)[2].callback
            try:
                if callback is not None:
                    callback()
            except Exception:  # noqa: BLE001 - the others still have theirs
                _log.exception("a deadline of the store's driver could not be handled")
        cls._served.call_later(_LOOK_EVERY_S, cls._look)

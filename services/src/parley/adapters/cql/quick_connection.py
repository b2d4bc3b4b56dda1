"""The driver's asyncio connection with less work per request, and fewer turns of threads.

The original makes a task and a future in another thread for every request it sends, and two more for its deadline: that
was half of what a request cost here. It also waits for each answer anew, which takes four calls of the kernel. This one
sends from whichever thread asks, waits for answers once, and looks at all deadlines twenty times a second.
"""

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, Final

import structlog
from cassandra.io.asyncioreactor import AsyncioConnection
from typing_extensions import override

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
    """Keeps the original's guarantees: bytes leave in order, and a deadline passes at most 50 ms late.

    `answer_s` is how long an answer is waited for where the driver names no time of its own.
    """

    answer_s = 10.0

    _new: ClassVar[deque[tuple[float, int, _Deadline]]] = deque()
    _deadlines: ClassVar[list[tuple[float, int, _Deadline]]] = []
    _numbers: ClassVar["itertools.count[int]"] = itertools.count()
    _served: ClassVar[Any] = None

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the driver's
        """Connect; the first bytes leave before this returns."""
        self._sending = threading.Lock()
        self._queued = 0
        super().__init__(*args, **options)

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

    @override
    def wait_for_responses(self, *messages: Any, **options: Any) -> Any:
        """As the original, but never for ever: `USE keyspace` has no deadline there."""
        if options.get("timeout") is None:
            options["timeout"] = self.answer_s
        return super().wait_for_responses(*messages, **options)

    def push(self, data: bytes) -> None:
        """Send at once what the kernel takes, and queue what it does not; may be called by any thread."""
        with self._sending:
            if self.is_closed:
                return  # whoever asked is told by whatever closed it, or by his deadline
            if not self._queued and not self._using_ssl:
                data = data[self._send(data) :]
                if not data:
                    return
            self._queued += 1
            self._loop.call_soon_threadsafe(self._write_queue.put_nowait, data)

    def _send(self, data: bytes) -> int:
        """So many bytes are on their way. A broken connection is noticed by the driver's thread, which ends it."""
        try:
            return int(self._socket.send(data))
        except OSError:
            return 0

    @override
    async def handle_write(self) -> None:
        """Send what was queued, in its order."""
        if self._using_ssl:
            await super().handle_write()
            return
        while True:
            data = await self._write_queue.get()
            try:
                await self._loop.sock_sendall(self._socket, data)
            except OSError as error:
                self.defunct(error)
                return
            with self._sending:
                self._queued -= 1

    @override
    async def handle_read(self) -> None:
        """Let the loop tell whenever there is something to read, until the connection is closed."""
        self._loop.add_reader(self._socket, self._readable)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(self.in_buffer_size)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._loop.remove_reader(self._socket)
            self.defunct(error)
            return
        if not data:
            self._loop.remove_reader(self._socket)
            self.close()
            return
        self._iobuf.write(data)
        self.process_io_buffer()

    @override
    async def _close(self) -> None:
        """Nobody may be sending while the socket's number becomes free for another one."""
        with self._sending:
            pass
        await super()._close()

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

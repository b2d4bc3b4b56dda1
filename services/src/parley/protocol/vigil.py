"""Whether anybody is still there and reading, judged from what the socket shows."""

from dataclasses import dataclass
from enum import Enum

import msgspec


@dataclass(frozen=True, slots=True)
class Timing:
    """When a session loses patience, in seconds; `grace_s` follows the end of the token."""

    heartbeat_s: float
    hello_timeout_s: float
    stall_timeout_s: float
    grace_s: float


class Socket(msgspec.Struct, frozen=True, gc=False):
    """What the socket tells at a tick: bytes that left it so far, bytes that wait, and whether it takes more."""

    flushed: int = 0
    waiting: int = 0
    room: bool = True


class Silence(Enum):
    """How long nothing came: not long, long enough to ask, too long."""

    NONE = "none"
    DOUBTFUL = "doubtful"
    LOST = "lost"


class Vigil:
    """Keeps the few moments by which a connection is judged; `heard_at` is set by whoever reads the socket."""

    __slots__ = ("_flushed", "_probed", "_progress_at", "heard_at")

    def __init__(self, now: float) -> None:
        """Begin with a connection that has just been heard."""
        self.heard_at = now
        self._probed = False
        self._flushed = 0
        self._progress_at = now

    def silence(self, now: float, heartbeat_s: float) -> Silence:
        """Judge the silence: DOUBTFUL once per silence after one heartbeat, LOST after two."""
        silence = now - self.heard_at
        if silence < heartbeat_s:
            self._probed = False
            return Silence.NONE
        if silence >= 2 * heartbeat_s:
            return Silence.LOST
        if self._probed:
            return Silence.NONE
        self._probed = True
        return Silence.DOUBTFUL

    def stuck(self, now: float, socket: Socket, timeout_s: float) -> bool:
        """Tell whether bytes have waited for so long while not one has left."""
        if socket.waiting == 0 or socket.flushed > self._flushed:
            self._progress_at = now
        self._flushed = socket.flushed
        return now - self._progress_at >= timeout_s

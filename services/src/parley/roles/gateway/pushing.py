"""What becomes of a pushed frame at one client, so that a slow one costs only itself (promise G6)."""

from typing import Final

from parley.protocol.codec import Codec
from parley.protocol.flow_window import FlowWindow
from parley.protocol.server_frames import Resync
from parley.roles.gateway.gateway_socket import GatewaySocket
from parley.roles.gateway.outbound import Outbound
from parley.runtime.metrics import DROPS

NOTICE_BYTES: Final = 256 * 1024
"""Above so many waiting bytes receipts, refusals and other notices are dropped too, and a resync is owed."""

EARLY_FRAMES: Final = 64
EARLY_BYTES: Final = 128 * 1024
"""Pushes that come before `welcome` wait up to here."""

OWED_RESYNC_MS: Final = 1_000

_FLEETING: Final = DROPS.labels("fleeting")
_WITHHELD: Final = DROPS.labels("withheld")
_NOTICE: Final = DROPS.labels("notice")


class Pushing:
    """Sends bodies within the window, withholds them beyond it, and drops what may be lost when nothing moves."""

    __slots__ = ("_codec", "_early", "_early_bytes", "_overflow", "_owed", "_socket", "_window")

    def __init__(self, socket: GatewaySocket, codec: Codec, window: FlowWindow) -> None:
        """Hold everything back until `begin`."""
        self._socket = socket
        self._codec = codec
        self._window = window
        self._early: list[Outbound] | None = []
        self._early_bytes = 0
        self._overflow: dict[str, int] = {}
        self._owed = False

    def begin(self, now: float) -> None:
        """Send what came before `welcome`, in its order."""
        early, self._early = self._early, None
        for outbound in early or ():
            self.push(outbound, now)
        overflow, self._overflow = self._overflow, {}
        for conversation, seq in overflow.items():
            self._window.withhold(conversation, seq, now)

    def push(self, outbound: Outbound, now: float) -> bool:
        """Send, hold, withhold or drop a frame; False when a body was withheld. Never waits."""
        message = outbound.message
        if self._early is not None:
            self._hold(self._early, outbound)
            return True
        if message is not None:
            size = len(outbound.payload(self._codec))
            room = self._socket.room
            if not self._window.offer(message.conversation, message.entry.seq, size, room=room, now=now):
                _WITHHELD.inc()
                return False
        elif outbound.fleeting and (self._window.blocked or not self._socket.room):
            _FLEETING.inc()
            return True
        elif self._socket.waiting > NOTICE_BYTES:
            _NOTICE.inc()
            self._owed = True
            return True
        self._socket.emit(outbound, self._codec)
        return True

    def settle_debt(self) -> None:
        """Tell a client that has room again that it missed notices."""
        if self._owed and self._early is None and self._socket.room:
            self._owed = False
            self._socket.emit(Outbound(Resync(OWED_RESYNC_MS)), self._codec)

    def _hold(self, early: list[Outbound], outbound: Outbound) -> None:
        size = len(outbound.payload(self._codec))
        message = outbound.message
        if len(early) < EARLY_FRAMES and self._early_bytes + size <= EARLY_BYTES:
            self._early_bytes += size
            early.append(outbound)
        elif message is not None:
            _WITHHELD.inc()
            self._overflow[message.conversation] = max(message.entry.seq, self._overflow.get(message.conversation, 0))
        else:
            (_FLEETING if outbound.fleeting else _NOTICE).inc()
            self._owed = self._owed or not outbound.fleeting

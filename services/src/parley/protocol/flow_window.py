"""How much of the conversations' bodies may be under way to one client, and what remains of the rest (promise G6)."""

from collections.abc import Mapping
from typing import Final

HINT_PAUSE_S: Final = 1.0
"""A reader that confirms nothing is told of new heads at most this often."""

HINT_CONVERSATIONS: Final = 500
"""One head frame names at most so many conversations, about 25 KB."""


class FlowWindow:
    """Counts `message` frames and their bytes until the client says `received`.

    Beyond the window, or while the socket takes no more, a body is withheld: all that is kept of it is the newest seq
    of its conversation. So a client costs at most the window and one number per conversation that it is in. Once a
    conversation has a withheld body, its later bodies are withheld too, until the hint is out.
    """

    __slots__ = (
        "_bytes", "_frames", "_heads", "_hinted_at", "_maximum_bytes", "_maximum_frames", "_unconfirmed",
        "_withheld_since",
    )  # fmt: skip

    def __init__(self, frames: int, size: int) -> None:
        """Allow `frames` unconfirmed frames and `size` unconfirmed bytes; one frame may pass whatever its size."""
        self._maximum_frames = frames
        self._maximum_bytes = size
        self._frames = 0
        self._bytes = 0
        self._unconfirmed: dict[str, list[tuple[int, int]]] = {}
        self._heads: dict[str, int] = {}
        self._withheld_since: float | None = None
        self._hinted_at: float | None = None

    @property
    def blocked(self) -> bool:
        """Whether bodies wait; then what may be lost is lost."""
        return self._withheld_since is not None

    @property
    def frames(self) -> int:
        """Frames under way."""
        return self._frames

    @property
    def size(self) -> int:
        """Bytes under way."""
        return self._bytes

    def offer(self, conversation: str, seq: int, size: int, *, room: bool, now: float) -> bool:
        """Count a body that is about to be sent, or withhold it; `room`: the socket takes it now."""
        if room and not self._full(size) and conversation not in self._heads:
            self._unconfirmed.setdefault(conversation, []).append((seq, size))
            self._frames += 1
            self._bytes += size
            return True
        self.withhold(conversation, seq, now)
        return False

    def withhold(self, conversation: str, seq: int, now: float) -> None:
        """Keep nothing of a body but its seq."""
        self._heads[conversation] = max(seq, self._heads.get(conversation, 0))
        if self._withheld_since is None:
            self._withheld_since = now

    def confirm(self, cursors: Mapping[str, int], now: float) -> None:
        """Everything up to these seqs has reached the client."""
        freed = False
        for conversation, seq in cursors.items():
            freed = self._confirm(conversation, seq) or freed
        if freed:
            self._hinted_at = None
            self._settle(now)

    def fetching(self, now: float) -> None:
        """Take a request for entries as progress: the client works off what it was told."""
        self._settle(now)

    def hint(self, *, room: bool, now: float) -> dict[str, int] | None:
        """Take out the newest seqs of withheld bodies, if there are any and their time has come.

        A client that has confirmed everything is free again once it was told. One that has not is watched until it
        confirms or fetches: with the last bodies withheld, nothing else would show that it does not read. A full
        socket alone can withhold bodies while the window is nearly empty, so how much is under way does not matter.
        """
        if not self._heads or not room:
            return None
        if self._hinted_at is not None and now - self._hinted_at < HINT_PAUSE_S:
            return None
        names = list(self._heads)[:HINT_CONVERSATIONS]
        hint = {name: self._heads.pop(name) for name in names}
        self._hinted_at = now
        if not self._heads and not self._frames:
            self._withheld_since = None
        return hint

    def stalled(self, now: float, timeout_s: float) -> bool:
        """Tell whether bodies have waited so long without any progress."""
        return self._withheld_since is not None and now - self._withheld_since >= timeout_s

    def _full(self, size: int) -> bool:
        if self._frames == 0:
            return False
        return self._frames >= self._maximum_frames or self._bytes + size > self._maximum_bytes

    def _confirm(self, conversation: str, seq: int) -> bool:
        waiting = self._unconfirmed.get(conversation)
        if waiting is None:
            return False
        kept = [body for body in waiting if body[0] > seq]
        if len(kept) == len(waiting):
            return False
        self._frames -= len(waiting) - len(kept)
        self._bytes -= sum(size for _, size in waiting) - sum(size for _, size in kept)
        if kept:
            self._unconfirmed[conversation] = kept
        else:
            del self._unconfirmed[conversation]
        return True

    def _settle(self, now: float) -> None:
        if self._withheld_since is not None:
            self._withheld_since = now if self._heads or self._full(0) else None

"""Counts the stanzas of a stream in both directions, as XEP-0198 does; pure."""

from collections import deque
from collections.abc import Iterable


class Acknowledgements:
    """Knows which keys a count of the server's accepts."""

    def __init__(self, sent: int = 0, received: int = 0, waiting: Iterable[str | None] = ()) -> None:
        """Counts that go on where an earlier connection's were; `waiting` are the last stanzas that were sent."""
        self.sent = sent
        self.received = received
        self._waiting = deque(waiting)
        self._refused: set[str] = set()

    @property
    def waiting(self) -> tuple[str | None, ...]:
        """What was sent and is not accepted yet, oldest first; None for what has no key."""
        return tuple(self._waiting)

    @property
    def accepted(self) -> int:
        """How many stanzas the server has accepted."""
        return self.sent - len(self._waiting)

    def send(self, key: str | None = None) -> None:
        """Count a stanza that was sent; one without a key needs nobody to know."""
        self.sent += 1
        self._waiting.append(key)

    def refuse(self, key: str) -> None:
        """The server has said no to this one; that it counts it is no acceptance."""
        self._refused.add(key)

    def accept(self, count: int) -> list[str]:
        """The keys that are accepted by this count of the server and were not before."""
        keys = []
        for _ in range(min(count - self.accepted, len(self._waiting))):
            key = self._waiting.popleft()
            if key is not None:
                keys.append(key)
        if self._refused:
            keys, told = [key for key in keys if key not in self._refused], keys
            self._refused.difference_update(told)
        return keys

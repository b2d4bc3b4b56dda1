"""Who is served when more ask than can be served at once.

Whoever waits for an answer gives up after a while, and asks again. To serve people strictly in the order in which they
came is then the worst that can be done: once the queue is as long as their patience, everybody is served just when he
has left. So the queue is short, and while it never empties the newest is served first: he will wait longest still.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

STANDING_S: Final = 0.5
"""A queue that was not empty for so long does not only smooth a burst: more comes than is served."""

_Who = TypeVar("_Who", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Arrival(Generic[_Who]):
    """What came of an arrival: it has a turn or waits; somebody, perhaps itself, may be turned away for it."""

    begins: bool
    turned_away: _Who | None = None


class Turns(Generic[_Who]):
    """At most `places` have a turn and at most `room` wait; nobody waits while a place is free. Times are seconds."""

    def __init__(self, places: int, room: int) -> None:
        """Begin with nobody."""
        self._places = places
        self._room = room
        self._taken = 0
        self._queue: OrderedDict[_Who, None] = OrderedDict()
        self._standing_since = 0.0

    @property
    def taken(self) -> int:
        """How many have a turn."""
        return self._taken

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._queue)

    def come(self, who: _Who, now: float) -> Arrival[_Who]:
        """Somebody asks. Where there is no room, whoever has waited longest is turned away, since he leaves first."""
        if self._taken < self._places:
            self._taken += 1
            return Arrival(begins=True)
        if not self._queue:
            self._standing_since = now
        self._queue[who] = None
        if len(self._queue) <= self._room:
            return Arrival(begins=False)
        oldest, _ = self._queue.popitem(last=False)
        return Arrival(begins=False, turned_away=oldest)

    def end(self, now: float) -> _Who | None:
        """A turn is over; tells who has the next one."""
        if not self._queue:
            self._taken -= 1
            return None
        stands = now - self._standing_since >= STANDING_S
        following, _ = self._queue.popitem(last=stands)
        return following

    def leave(self, who: _Who) -> bool:
        """Somebody waits no longer; False when he did not wait."""
        if who not in self._queue:
            return False
        del self._queue[who]
        return True

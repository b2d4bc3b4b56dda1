"""How long a partition would take to work off what waits in it.

Records alone say little: a thousand are nothing to a partition that does thousands a second, and much to one whose
store is slow. So what waits is divided by what was seen to be done.
"""

from dataclasses import dataclass
from typing import Final

USUAL_PER_SECOND: Final = 500.0
"""What a partition is sized for; taken until it was seen at work."""

_WEIGHT: Final = 0.3
"""Of the newest look, so that one long batch changes little."""

_STALL_S: Final = 2.0
"""Time without any progress counts up to here: a pause in which partitions change hands says nothing of their speed."""

_LEAST_PER_SECOND: Final = 1.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in one partition. `done` grows by one for each record; `moved_at` is when it last grew, in seconds."""

    waiting: int
    done: int
    moved_at: float
    per_second: float = USUAL_PER_SECOND

    @property
    def seconds(self) -> float:
        """How long it takes to work off what waits, at the speed that was seen."""
        return self.waiting / self.per_second

    def seen(self, waiting: int, done: int, now: float) -> "Backlog":
        """After the next look.

        Speed shows only in a partition that had work all the time, which is sure while some of what waited at the last
        look still does. What has little to do is no quicker than people write.
        """
        if done <= self.done:
            idle = done < self.done or not self.waiting
            return Backlog(waiting, done, now if idle else self.moved_at, self.per_second)
        if self.waiting <= done - self.done or now <= self.moved_at:
            return Backlog(waiting, done, now, self.per_second)
        speed = (done - self.done) / min(now - self.moved_at, _STALL_S)
        per_second = max(_LEAST_PER_SECOND, self.per_second + _WEIGHT * (speed - self.per_second))
        return Backlog(waiting, done, now, per_second)

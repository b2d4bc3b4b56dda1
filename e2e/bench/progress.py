"""How far a run is: what it does now, how much is left, and about how long that takes."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Final

from e2e.bench.plan import Step

_LONGEST: Final = 3
_TRUST_S: Final = 60.0
"""The plan is believed as if this much of it were over and had gone as planned: the first steps say little."""


class Progress:
    """Follows the steps of a plan.

    What a step took in an earlier round is what it is expected to take again; a step that is new is expected to be as
    much slower or quicker than planned as those before it.
    """

    def __init__(
        self, steps: Sequence[Step], say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """The run begins now; `clock` tells seconds."""
        self._steps, self._say, self._clock = steps, say, clock
        self._rounds = max((step.round for step in steps), default=0)
        self._began = clock()
        self._now: tuple[int, float] | None = None
        self._took: dict[tuple[str, str], list[float]] = {}
        self._planned_s = self._took_s = _TRUST_S
        say(f"{len(steps)} steps, about {clock_time(self._left(0))} minutes on two quiet cores")

    def begin(self, number: int, product: str, what: str) -> None:
        """This step begins, and the one before it is over; steps between them were left out."""
        self.finish()
        path = (number, product, what)
        at = next(at for at, step in enumerate(self._steps) if (step.round, step.product, step.what) == path)
        self._now = (at, self._clock())
        left = clock_time(self._left(at))
        self._say(f"{at + 1} of {len(self._steps)}, about {left} left: {what} of {product}, {self._round(number)}")

    def finish(self) -> None:
        """The step that runs is over."""
        if self._now is not None:
            at, began = self._now
            step, self._now = self._steps[at], None
            took = self._clock() - began
            self._took.setdefault((step.product, step.what), []).append(took)
            self._planned_s += step.seconds
            self._took_s += took

    def end(self) -> float:
        """Everything is over; the seconds that it took."""
        self.finish()
        took = self._clock() - self._began
        longest = sorted(self._took.items(), key=lambda step: -sum(step[1]))[:_LONGEST]
        named = ", ".join(f"{what} of {product} {clock_time(sum(times))}" for (product, what), times in longest)
        self._say(f"done in {clock_time(took)} minutes, of which the longest steps are: {named}")
        return took

    def _left(self, at: int) -> float:
        """Seconds from the beginning of this step to the end."""
        slower = self._took_s / self._planned_s
        return sum(
            statistics.mean(self._took.get((step.product, step.what), [step.seconds * slower]))
            for step in self._steps[at:]
        )

    def _round(self, number: int) -> str:
        return f"round {number} of {self._rounds}"


def clock_time(seconds: float) -> str:
    """Minutes and seconds as 9:05."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"

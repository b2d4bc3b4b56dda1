"""How long a test waits: as long as something goes on, since a busy machine is slow without anything being wrong."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

STILL_S = 120.0
"""How long nothing at all may change before a test gives up: the one bound for whatever a test waits for."""
WHOLE_S = 600.0
"""How long a test waits in all, whatever goes on."""
LOOK_S = 0.05


class Patience:
    """Over when nothing changed for `still_s`, or when `whole_s` are over; times are of one clock, in seconds."""

    def __init__(self, now: float, still_s: float = STILL_S, whole_s: float = WHOLE_S) -> None:
        """It begins now."""
        self._still_s = still_s
        self._end = now + max(whole_s, still_s)
        self._changed = now
        self._seen: Any = None

    def over(self, now: float, seen: Any) -> bool:
        """Whether to give up; `seen` is how things stand, None when that could not be seen."""
        if seen is not None and seen != self._seen:
            self._seen = seen
            self._changed = now
        return now > self._end or now - self._changed > self._still_s


async def until(
    what: str, true: Callable[[], bool], seen: Callable[[], object], clock: Callable[[], float] = time.monotonic
) -> None:
    """Wait until something is so, as long as what is `seen` on the way there changes; says what never was."""
    patience = Patience(clock())
    while not true():
        if patience.over(clock(), seen()):
            raise AssertionError(f"never: {what}; it stands at {seen()}")
        await asyncio.sleep(LOOK_S)

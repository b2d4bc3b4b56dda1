"""Bounds the questions that chat works on, so that too many of them cannot make it too late for all.

A turn is given back when its question is answered or nobody waits for the answer any more: whoever cancels, because his
time is over or his gateway hung up, costs nothing from then on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.turns import Turns
from parley.protocol.calls import Asked
from parley.protocol.client_frames import Resume
from parley.runtime.metrics import CALLS_DROPPED, QUEUE_DEPTH

PATIENCE_S: Final = 2.0
"""A question waits so long for its turn: short, since those that came in the same batch wait with it."""

AFTER_MS: Final = 1_000
_GRANTED, _REFUSED = True, False


class Turnstiles:
    """People who come back have turns of their own: a storm of them takes none of those who ask for history."""

    def __init__(self, places: int, patience_s: float = PATIENCE_S) -> None:
        """Let so many questions of each of the two kinds be worked on at once, and as many wait for so long."""
        self._returns = Turnstile("resumes", places, patience_s)
        self._others = Turnstile("questions", places, patience_s)

    def turn(self, asked: Asked) -> contextlib.AbstractAsyncContextManager[None]:
        """Wait for a turn, and hold it while the block runs; raises OVERLOADED where there is none to be had soon."""
        return (self._returns if isinstance(asked, Resume) else self._others).turn()


class Turnstile:
    """Gives turns by the rules of `Turns`."""

    def __init__(self, name: str, places: int, patience_s: float = PATIENCE_S) -> None:
        """`name` is the queue's name in the metrics; nobody waits longer than `patience_s`."""
        self._patience_s = patience_s
        self._places = places
        self._turns: Turns[asyncio.Future[bool]] = Turns(places, places)
        self._depth = QUEUE_DEPTH.labels(name)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """As `Turnstiles.turn`."""
        try:
            await self._enter()
        except asyncio.CancelledError:
            CALLS_DROPPED.labels("late").inc()
            raise
        try:
            yield
        except asyncio.CancelledError:
            CALLS_DROPPED.labels("cut").inc()
            raise
        finally:
            self._pass_on()

    async def _enter(self) -> None:
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[bool] = loop.create_future()
        arrival = self._turns.come(mine, loop.time())
        if arrival.begins:
            return
        if arrival.turned_away is not None:
            _tell(arrival.turned_away, _REFUSED)
        self._depth.set(self._turns.waiting)
        tiring = loop.call_later(self._patience_s, self._turn_away, mine)
        try:
            granted = await mine
        except asyncio.CancelledError:
            if not self._turns.leave(mine) and mine.done() and not mine.cancelled() and mine.result():
                self._pass_on()
            raise
        finally:
            tiring.cancel()
            self._depth.set(self._turns.waiting)
        if not granted:
            CALLS_DROPPED.labels("overloaded").inc()
            text = f"chat works on {self._places} such questions, and as many wait; try again later"
            raise ParleyError(ErrorCode.OVERLOADED, text, after_ms=AFTER_MS)

    def _turn_away(self, waiting: "asyncio.Future[bool]") -> None:
        if self._turns.leave(waiting):
            _tell(waiting, _REFUSED)

    def _pass_on(self) -> None:
        """Give the turn to who is next and still there."""
        now = asyncio.get_running_loop().time()
        following = self._turns.end(now)
        while following is not None and following.cancelled():
            following = self._turns.end(now)
        if following is not None:
            _tell(following, _GRANTED)


def _tell(waiting: "asyncio.Future[bool]", granted: bool) -> None:  # noqa: FBT001 - the answer itself
    if not waiting.done():
        waiting.set_result(granted)

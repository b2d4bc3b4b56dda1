"""Heads in the cache for those who come back: there before anybody is told, or nobody trusts the cache.

`ports/resume_cache.py` says what has to hold, and why it is enough.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

import structlog

from parley.contract import INGRESS
from parley.domain.entries import Head
from parley.domain.errors import ParleyError
from parley.ports.clock import Clock
from parley.ports.event_log import EventLog
from parley.ports.resume_cache import CLOCKS_AGREE_S, HOLD_S, Hold, ResumeCache

RENEW_S: Final = 1.0
AGAIN_S: Final = 0.25

_log: Final = structlog.get_logger("parley.sequencer")


class KnownHeads:
    """Holds this process's partitions in the cache while it can write there, and waits once when it no longer can."""

    def __init__(
        self,
        cache: ResumeCache,
        log: EventLog,
        clock: Clock,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Hold nothing yet. `pause` waits for so many seconds of the clock."""
        self._cache = cache
        self._log = log
        self._clock = clock
        self._pause = pause
        self._owner = secrets.token_hex(4)
        self._mine: set[int] = set()
        self._held: set[int] = set()
        self._trusted_until: dict[int, float] = {}
        self._silent = False
        self._trouble: str | None = None
        self._holding = asyncio.Lock()

    def assigned(self, partitions: frozenset[int]) -> None:
        """These are ours from now on; whoever had them before may have held them a moment ago."""
        self._mine |= partitions
        self._held -= partitions
        for partition in partitions:
            self._trusted_until[partition] = self._hold_ends()

    def revoked(self, partitions: frozenset[int]) -> None:
        """These are somebody else's: he holds them, or their hold ends."""
        self._mine -= partitions
        self._held -= partitions

    async def run(self) -> None:
        """Renew what is held, for ever; take it again once the cache is back."""
        while True:
            if self._mine:
                await self._hold()
            await self._pause(RENEW_S)

    async def note(self, partitions: frozenset[int], heads: Mapping[str, Head], joined: Collection[str]) -> None:
        """Return as soon as nobody who looks can miss these heads, which are stored already: told they may be now."""
        if not partitions:
            return
        if partitions - self._mine:
            self.assigned(frozenset(partitions - self._mine))
        if partitions - self._held and self._patience_s(partitions) > 0:
            await self._hold()
        if partitions <= self._held and await self._write(partitions, heads, joined):
            return
        self._silent = True
        while (patience_s := self._patience_s(partitions)) > 0:
            _log.warning("telling waits until no cached head is trusted", seconds=round(patience_s, 1))
            await self._pause(patience_s)
        self._silent = False

    async def _write(self, partitions: frozenset[int], heads: Mapping[str, Head], joined: Collection[str]) -> bool:
        """Try for as long as anybody may trust what the cache has; nothing prolongs that meanwhile."""
        while True:
            try:
                await self._cache.write(heads, joined)
            except ParleyError as error:
                self._silent = True
                patience_s = self._patience_s(partitions)
                if patience_s <= 0:
                    self._tell(error.message)
                    self._held = set()
                    return False
                await self._pause(min(AGAIN_S, patience_s))
            else:
                self._silent = False
                return True

    async def _hold(self) -> None:
        """Renew, or take. Not while a head is missing: to renew would be to say that none is."""
        async with self._holding:
            try:
                of = await self._log.partitions(INGRESS.name)
                if not self._held:
                    # What arrives late, after an outage, would make trust that this process knows nothing of.
                    await self._cache.reach()
            except ParleyError:
                return
            if self._silent:
                return
            kept, taken = frozenset(self._held), frozenset(self._mine - self._held)
            for partition in kept | taken:
                self._trusted_until[partition] = self._hold_ends()
            try:
                lost = await self._cache.hold(Hold(self._owner, of, taken, kept))
            except ParleyError as error:
                # It may have been done all the same; in a second it is done again.
                self._tell(error.message)
            else:
                self._tell(None)
                self._held = self._mine & (kept | taken) - lost

    def _tell(self, trouble: str | None) -> None:
        if trouble is not None and self._trouble is None:
            _log.warning("the cache of heads is not trusted now: who comes back reads the store", cause=trouble)
        self._trouble = trouble

    def _hold_ends(self) -> float:
        return self._clock.monotonic() + HOLD_S + CLOCKS_AGREE_S

    def _patience_s(self, partitions: Collection[int]) -> float:
        until = max((self._trusted_until[partition] for partition in partitions), default=0.0)
        return until - self._clock.monotonic()

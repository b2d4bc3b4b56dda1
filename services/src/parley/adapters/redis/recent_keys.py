"""Keys that were used within the dedupe window: a hint that must never hold up a send."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.redis.commands import Commands
from parley.adapters.redis.patience import within
from parley.contract import DEDUPE_WINDOW_MS
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.clock import Clock
from parley.ports.recent_keys import RecentKeys

PATIENCE_S: Final = 0.25
REST_S: Final = 1.0
"""After a failure nobody waits for the next one so soon: until then every key counts as used."""


class RedisRecentKeys(RecentKeys):
    """SET NX with an expiry, for all keys of a batch at once."""

    def __init__(self, commands: Commands, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        """Ask Redis from the first call on, and wait `patience_s` for an answer."""
        self._commands = commands
        self._clock = clock
        self._patience_s = patience_s
        self._resting_until = 0.0

    @override
    async def remember(self, keys: Sequence[str]) -> list[bool]:
        if self._clock.monotonic() < self._resting_until:
            raise ParleyError(ErrorCode.UNAVAILABLE, "Redis failed a moment ago, and is not asked for recent keys")
        try:
            commands = [("SET", self._commands.key("sent", key), "", "NX", "PX", DEDUPE_WINDOW_MS) for key in keys]
            answers = await within(self._patience_s, self._commands.many(commands))
        except ParleyError:
            self._resting_until = self._clock.monotonic() + REST_S
            raise
        return [answer is not None for answer in answers]

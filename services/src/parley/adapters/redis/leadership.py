"""Jobs and their holders."""

from typing_extensions import override

from parley.adapters.redis.commands import Commands
from parley.adapters.redis.scripts import DELETE_IF_EQUAL, PROLONG_IF_EQUAL
from parley.ports.leadership import Leadership


class RedisLeadership(Leadership):
    """A key per job that holds its holder and runs out."""

    def __init__(self, commands: Commands) -> None:
        """Hold nothing yet."""
        self._commands = commands

    @override
    async def acquire(self, job: str, holder: str, ttl_ms: int) -> bool:
        key = self._commands.key("job", job)
        if await self._commands.one("SET", key, holder, "NX", "PX", ttl_ms) is not None:
            return True
        return bool(await self._commands.one("EVAL", PROLONG_IF_EQUAL, 1, key, holder, ttl_ms))

    @override
    async def resign(self, job: str, holder: str) -> None:
        await self._commands.one("EVAL", DELETE_IF_EQUAL, 1, self._commands.key("job", job), holder)

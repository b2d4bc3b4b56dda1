"""Everything that is kept in Redis, behind its ports."""

from dataclasses import dataclass

from parley.adapters.redis.channels import RedisChannels
from parley.adapters.redis.commands import Commands
from parley.adapters.redis.connection import ANSWER_S, BLOCKING_S, RedisAccess, address_of, make_client
from parley.adapters.redis.leadership import RedisLeadership
from parley.adapters.redis.leases import Leases
from parley.adapters.redis.presence_board import RedisPresenceBoard
from parley.adapters.redis.recent_keys import PATIENCE_S as KEYS_S
from parley.adapters.redis.recent_keys import RedisRecentKeys
from parley.adapters.redis.registry import RedisRegistry
from parley.adapters.redis.resume_cache import CLUSTER_GROUPS, RedisResumeCache
from parley.adapters.redis.resume_cache import PATIENCE_S as HEADS_S
from parley.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class RedisBackend:
    """One set of connections for commands, and one for reads that wait."""

    registry: RedisRegistry
    presence: RedisPresenceBoard
    channels: RedisChannels
    recent_keys: RedisRecentKeys
    resume_cache: RedisResumeCache
    leadership: RedisLeadership
    commands: Commands
    reading: Commands

    async def check(self) -> None:
        """Raise ParleyError UNAVAILABLE unless Redis answers."""
        await self.commands.one("GET", self.commands.key("check"))

    async def close(self) -> None:
        """End the connections."""
        await self.commands.close()
        await self.reading.close()


async def open_redis(access: RedisAccess, clock: Clock) -> RedisBackend:
    """Make the adapters; they connect when they are used, and again after every outage. Raises for a malformed URL."""
    address = address_of(access)
    commands = Commands(make_client(access, address, ANSWER_S), address.text, access.prefix)
    reading = Commands(make_client(access, address, BLOCKING_S), address.text, access.prefix)
    leases = Leases(commands, clock)
    registry = RedisRegistry(commands, leases)
    groups = CLUSTER_GROUPS if address.kind == "cluster" else 1
    return RedisBackend(
        registry=registry,
        presence=RedisPresenceBoard(commands, leases, registry),
        channels=RedisChannels(commands, reading),
        recent_keys=RedisRecentKeys(commands, clock, KEYS_S * access.timeout_factor),
        resume_cache=RedisResumeCache(commands, clock, groups, HEADS_S * access.timeout_factor),
        leadership=RedisLeadership(commands),
        commands=commands,
        reading=reading,
    )

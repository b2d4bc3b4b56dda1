"""Who watches whom, and who may have gone."""

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.leases import Leases
from parley.adapters.redis.registry import RedisRegistry
from parley.ports.registry import PresenceBoard

_SHARDS: Final = 16
"""Departures are spread over so many keys, and so over the servers of a cluster."""

_WATCHED_S: Final = 24 * 3600


class RedisPresenceBoard(PresenceBoard):
    """Counts users as online from their arrival until they were declared gone."""

    def __init__(self, commands: Commands, leases: Leases, registry: RedisRegistry) -> None:
        """Learn of dead gateways from the registry."""
        self._commands = commands
        self._leases = leases
        self._registry = registry

    @override
    async def watch(self, gateway: str, users: Mapping[str, bool]) -> None:
        commands: list[Command] = []
        for user, wanted in users.items():
            key = self._commands.key("watchers", user)
            commands.append(("SADD" if wanted else "SREM", key, gateway))
            if wanted:
                commands.append(("EXPIRE", key, _WATCHED_S))
        await self._commands.many(commands)

    @override
    async def watchers(self, user: str) -> frozenset[str]:
        """Whoever asked and ended without a word is dropped, lest streams are filled that nobody reads."""
        key = self._commands.key("watchers", user)
        names = [name.decode() for name in await self._commands.one("SMEMBERS", key)]
        ended = await self._leases.ended(names)
        if ended:
            await self._commands.one("SREM", key, *ended)
        return frozenset(names) - ended

    @override
    async def arrived(self, user: str) -> bool:
        _, set_now = await self._commands.many(
            [("ZREM", self._departures(user), user), ("SET", self._online(user), "1", "NX")]
        )
        return set_now is not None

    @override
    async def departed(self, departures: Mapping[str, int]) -> None:
        await self._commands.many([("ZADD", self._departures(user), at, user) for user, at in departures.items()])

    @override
    async def counted(self, users: Sequence[str], away_at_ms: int) -> frozenset[str]:
        known = await self._commands.many([("EXISTS", self._online(user)) for user in users])
        counted = [user for user, is_on in zip(users, known, strict=True) if is_on]
        await self._commands.many([("ZADD", self._departures(user), "NX", away_at_ms, user) for user in counted])
        return frozenset(counted)

    @override
    async def due(self, now_ms: int, limit: int) -> list[str]:
        asked: list[Command] = [
            ("ZRANGEBYSCORE", self._shard(number), "-inf", now_ms, "LIMIT", 0, limit) for number in range(_SHARDS)
        ]
        due = [user.decode() for users in await self._commands.many(asked) for user in users]
        return list(dict.fromkeys([*due, *await self._orphans(limit)]))[:limit]

    @override
    async def gone(self, users: Sequence[str]) -> None:
        commands: list[Command] = [("DEL", self._online(user)) for user in users]
        by_shard: dict[str, list[str]] = defaultdict(list)
        for user in users:
            by_shard[self._departures(user)].append(user)
        commands += [("ZREM", shard, *names) for shard, names in by_shard.items()]
        await self._commands.many(commands)

    async def _orphans(self, limit: int) -> list[str]:
        """Users of dead gateways who count as online, have no departure and are not connected elsewhere.

        The others need no more attention. To forget them matters after a gateway with many users died: else those who
        are back would be looked at for ever, in place of those who are not.
        """
        orphans: list[str] = []
        for place, users in (await self._registry.users_of_dead_gateways(limit)).items():
            online = await self._commands.many([("EXISTS", self._online(user)) for user in users])
            leaving = await self._commands.many([("ZSCORE", self._departures(user), user) for user in users])
            back = await self._registry.locate(users)
            settled = [
                user
                for user, is_on, at in zip(users, online, leaving, strict=True)
                if not is_on or at is not None or user in back
            ]
            if settled:
                await self._registry.forget(place, settled)
            orphans += [user for user in users if user not in settled]
        return orphans

    def _online(self, user: str) -> str:
        return self._commands.key("online", user)

    def _departures(self, user: str) -> str:
        return self._shard(zlib.crc32(user.encode()) % _SHARDS)

    def _shard(self, number: int) -> str:
        return self._commands.key("departures", str(number))

"""Who watches whom, and who may have gone."""

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.leases import Leases
from parley.adapters.redis.registry import RedisRegistry
from parley.ports.registry import Census, PresenceBoard

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
        self._orphaned: dict[str, list[str]] = {}
        """Whom the last look found at dead gateways: what these left of them goes once they were declared gone."""

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
    async def watchers(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        """Whoever asked and ended without a word is dropped, lest streams are filled that nobody reads."""
        keys = [self._commands.key("watchers", user) for user in users]
        found = await self._commands.many([("SMEMBERS", key) for key in keys])
        asked = [frozenset(name.decode() for name in names) for names in found]
        ended = await self._leases.ended(sorted(frozenset[str]().union(*asked)))
        if ended:
            left = [(key, ended & names) for key, names in zip(keys, asked, strict=True)]
            await self._commands.many([("SREM", key, *names) for key, names in left if names])
        return {user: names - ended for user, names in zip(users, asked, strict=True) if names - ended}

    @override
    async def arrived(self, users: Sequence[str]) -> frozenset[str]:
        commands: list[Command] = []
        for user in users:
            commands += [("ZREM", self._departures(user), user), ("SET", self._online(user), "1", "NX")]
        answers = await self._commands.many(commands)
        return frozenset(user for user, set_now in zip(users, answers[1::2], strict=True) if set_now is not None)

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
        """At least half is left to users of dead gateways, however many leave at the same time."""
        each = 2 * limit // _SHARDS + 1
        asked: list[Command] = [
            ("ZRANGEBYSCORE", self._shard(number), "-inf", now_ms, "LIMIT", 0, each) for number in range(_SHARDS)
        ]
        due = [user.decode() for users in await self._commands.many(asked) for user in users]
        orphans = await self._orphans(max(limit - len(due), limit // 2, 1))
        return list(dict.fromkeys([*due[: max(0, limit - len(orphans))], *orphans]))[:limit]

    @override
    async def gone(self, users: Sequence[str]) -> None:
        commands: list[Command] = [("DEL", self._online(user)) for user in users]
        by_shard: dict[str, list[str]] = defaultdict(list)
        for user in users:
            by_shard[self._departures(user)].append(user)
        commands += [("ZREM", shard, *names) for shard, names in by_shard.items()]
        await self._commands.many(commands)
        declared = frozenset(users)
        left = {place: [user for user in names if user in declared] for place, names in self._orphaned.items()}
        await self._registry.forget(left)

    @override
    async def census(self) -> Census:
        found = await self._registry.users_by_place()
        leaving = await self._commands.many([("ZCARD", self._shard(number)) for number in range(_SHARDS)])
        return Census(
            sum(users for lives, users in found.values() if lives),
            sum(leaving),
            {place: users for place, (lives, users) in found.items() if not lives and users},
        )

    async def _orphans(self, limit: int) -> list[str]:
        """Users of dead gateways who count as online, have no departure and are not connected elsewhere.

        The others need no more attention. To forget them matters after a gateway with many users died: else those who
        are back would be looked at for ever, in place of those who are not.
        """
        self._orphaned = await self._registry.users_of_dead_gateways(limit)
        users = list(dict.fromkeys(user for names in self._orphaned.values() for user in names))
        asked: list[Command] = []
        for user in users:
            asked += [("EXISTS", self._online(user)), ("ZSCORE", self._departures(user), user)]
        answers = await self._commands.many(asked)
        back = await self._registry.locate(users)
        orphans = {
            user: None
            for user, is_on, at in zip(users, answers[::2], answers[1::2], strict=True)
            if is_on and at is None and user not in back
        }
        await self._registry.forget(
            {place: [user for user in names if user not in orphans] for place, names in self._orphaned.items()}
        )
        return list(orphans)

    def _online(self, user: str) -> str:
        return self._commands.key("online", user)

    def _departures(self, user: str) -> str:
        return self._shard(zlib.crc32(user.encode()) % _SHARDS)

    def _shard(self, number: int) -> str:
        return self._commands.key("departures", str(number))

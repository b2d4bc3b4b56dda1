"""Who is connected where: a hash per user, whose entries live only while their gateway's incarnation does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.leases import Leases, gateway_at, place_of
from parley.adapters.redis.scripts import DROP_FIELD_IF_EQUAL
from parley.ports.registry import Gateway, Registry

_MET: Final = 16
"""Gateways that are asked for before it is known whether anybody is there: each costs less than a round trip."""


class RedisRegistry(Registry):
    """Keeps the users of each incarnation as well, so that those of a dead one are found without looking at all."""

    def __init__(self, commands: Commands, leases: Leases) -> None:
        """Share the leases with the presence board."""
        self._commands = commands
        self._leases = leases
        self._incarnations = commands.key("incarnations")
        self._met: list[str] = []

    @override
    async def renew(self, gateway: Gateway, ttl_ms: int) -> bool:
        return await self._leases.take(gateway, ttl_ms)

    @override
    async def release(self, gateway: Gateway) -> None:
        await self._leases.end(gateway)

    @override
    async def register(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        if not devices:
            return
        place = place_of(gateway)
        commands: list[Command] = [("HSET", self._user(user), device, place) for user, device in devices]
        commands.append(("SADD", self._users(place), *{user for user, _ in devices}))
        commands.append(("SADD", self._incarnations, place))
        await self._commands.many(commands)

    @override
    async def unregister(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        place = place_of(gateway)
        remaining = await self._commands.many(
            [("EVAL", DROP_FIELD_IF_EQUAL, 1, self._user(user), device, place) for user, device in devices]
        )
        gone = {user for (user, _), others in zip(devices, remaining, strict=True) if not others}
        if gone:
            await self._commands.one("SREM", self._users(place), *gone)

    @override
    async def locate(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        """One round trip where everybody is at gateways that were met lately.

        Their leases may then be read before the entries. Whoever moved in between registered after this call began, and
        reads himself what he is to be told.
        """
        names, expected = list(dict.fromkeys(users)), list(self._met)
        answers = await self._commands.many(
            [*(("HVALS", self._user(user)) for user in names), *self._leases.questions(expected)]
        )
        entries = answers[: len(names)]
        living = self._leases.answered(expected, answers[len(names) :])
        places = {place: gateway_at(place) for found in entries for place in found}
        met = {gateway.name for gateway in places.values()}
        living |= await self._leases.incarnations(met.difference(expected))
        self._remember(met)
        located: dict[str, frozenset[str]] = {}
        for user, found in zip(names, entries, strict=True):
            gateways = {places[place] for place in found}
            alive = frozenset(gateway.name for gateway in gateways if living.get(gateway.name) == gateway.incarnation)
            if alive:
                located[user] = alive
        return located

    @override
    async def gateways(self) -> frozenset[str]:
        return await self._leases.living()

    async def users_of_dead_gateways(self, limit: int) -> dict[str, list[str]]:
        """About `limit` users of dead incarnations in all, by the incarnation; those that have none are forgotten."""
        dead = [place for place, lives in (await self._places()).items() if not lives]
        each = -(-limit // max(1, len(dead)))
        found = await self._commands.many([("SRANDMEMBER", self._users(place), each) for place in dead])
        empty = [place for place, users in zip(dead, found, strict=True) if not users]
        if empty:
            await self._commands.one("SREM", self._incarnations, *empty)
        return {place: [user.decode() for user in users] for place, users in zip(dead, found, strict=True) if users}

    async def users_by_place(self) -> dict[str, tuple[bool, int]]:
        """Whether each known incarnation lives, and how many users it has or had."""
        places = await self._places()
        counts = await self._commands.many([("SCARD", self._users(place)) for place in places])
        return {place: (lives, users) for (place, lives), users in zip(places.items(), counts, strict=True)}

    async def _places(self) -> dict[str, bool]:
        known = [place.decode() for place in await self._commands.one("SMEMBERS", self._incarnations)]
        gateways = {place: gateway_at(place.encode()) for place in known}
        living = await self._leases.incarnations({gateway.name for gateway in gateways.values()})
        return {place: living.get(gateway.name) == gateway.incarnation for place, gateway in gateways.items()}

    async def forget(self, left: Mapping[str, Sequence[str]]) -> None:
        """Drop what dead incarnations left of these users."""
        pairs = [(place, user) for place, users in left.items() for user in users]
        entries = await self._commands.many([("HGETALL", self._user(user)) for _, user in pairs])
        commands: list[Command] = [("SREM", self._users(place), *users) for place, users in left.items() if users]
        for (place, user), fields in zip(pairs, entries, strict=True):
            for device, held in _pairs(fields):
                if held.decode() == place:
                    commands.append(("EVAL", DROP_FIELD_IF_EQUAL, 1, self._user(user), device, place))
        await self._commands.many(commands)

    def _remember(self, met: Iterable[str]) -> None:
        """The newest last, and not too many."""
        self._met = list(dict.fromkeys([*met, *reversed(self._met)]))[:_MET][::-1]

    def _user(self, user: str) -> str:
        return self._commands.key("user", user)

    def _users(self, place: str) -> str:
        return self._commands.key("users-of", place)


def _pairs(answer: object) -> list[tuple[bytes, bytes]]:
    """The fields of a hash, in whichever form the client's protocol version gives them."""
    if isinstance(answer, dict):
        return list(answer.items())
    assert isinstance(answer, list)  # noqa: S101 - the other form
    return list(zip(answer[::2], answer[1::2], strict=True))

"""Which incarnations of gateways live."""

from collections.abc import Iterable, Sequence
from typing import Final

from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.scripts import DELETE_IF_EQUAL
from parley.ports.clock import Clock
from parley.ports.registry import Gateway

_SEPARATOR: Final = "\x1f"
_FORGOTTEN_MS: Final = 3_600_000


def place_of(gateway: Gateway) -> str:
    """How an incarnation is written down in an entry."""
    return f"{gateway.name}{_SEPARATOR}{gateway.incarnation}"


def gateway_at(place: bytes) -> Gateway:
    """The incarnation that an entry names."""
    name, _, incarnation = place.decode().partition(_SEPARATOR)
    return Gateway(name, incarnation)


class Leases:
    """One key per gateway, which holds its incarnation until the lease runs out."""

    def __init__(self, commands: Commands, clock: Clock) -> None:
        """`clock` only decides when names of gateways that ended long ago are forgotten."""
        self._commands = commands
        self._clock = clock
        self._names = commands.key("gateways")

    async def take(self, gateway: Gateway, ttl_ms: int) -> bool:
        """Take or prolong a lease; False when it had lapsed or was another incarnation's."""
        until = self._clock.now_ms() + ttl_ms
        key = self._key(gateway.name)
        held, *_ = await self._commands.many(
            [
                ("GET", key),
                ("SET", key, gateway.incarnation, "PX", ttl_ms),
                ("ZADD", self._names, until, gateway.name),
            ]
        )
        return bool(held is not None and held.decode() == gateway.incarnation)

    async def end(self, gateway: Gateway) -> None:
        """End the lease, unless a newer incarnation holds it."""
        await self._commands.one("EVAL", DELETE_IF_EQUAL, 1, self._key(gateway.name), gateway.incarnation)

    async def incarnations(self, names: Iterable[str]) -> dict[str, str]:
        """The living incarnation of each of these gateways that has one."""
        wanted = list(names)
        return self.answered(wanted, await self._commands.many(self.questions(wanted)))

    def questions(self, names: Iterable[str]) -> list[Command]:
        """What `incarnations` asks, for whoever asks something else in the same round trip."""
        return [("GET", self._key(name)) for name in names]

    @staticmethod
    def answered(names: Sequence[str], held: Sequence[bytes | None]) -> dict[str, str]:
        """What the answers to these questions mean."""
        return {name: value.decode() for name, value in zip(names, held, strict=True) if value is not None}

    async def ended(self, names: Sequence[str]) -> frozenset[str]:
        """Those of these gateways that had a lease once and have none now."""
        commands: list[Command] = []
        for name in names:
            commands += [("ZSCORE", self._names, name), ("EXISTS", self._key(name))]
        answers = await self._commands.many(commands)
        pairs = zip(names, answers[::2], answers[1::2], strict=True)
        return frozenset(name for name, known, alive in pairs if known is not None and not alive)

    async def living(self) -> frozenset[str]:
        """Names of gateways whose lease lives; those that ended long ago are forgotten on the way."""
        oldest = self._clock.now_ms() - _FORGOTTEN_MS
        _, names = await self._commands.many(
            [("ZREMRANGEBYSCORE", self._names, "-inf", oldest), ("ZRANGE", self._names, 0, -1)]
        )
        return frozenset(await self.incarnations(name.decode() for name in names))

    def _key(self, name: str) -> str:
        return self._commands.key("gateway", name)

"""How often Redis is asked where somebody is."""

from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.leases import Leases, place_of
from parley.adapters.redis.registry import RedisRegistry
from parley.ports.registry import Gateway
from parley.runtime.system_clock import SystemClock


class CountedCommands(Commands):
    """Redis with these hashes and values, which counts its round trips."""

    def __init__(self, hashes: dict[str, list[bytes]], values: dict[str, bytes]) -> None:
        self.hashes, self.values, self.trips = hashes, values, 0
        self._prefix = ""

    @override
    async def many(self, commands: Sequence[Command]) -> list[Any]:
        self.trips += bool(commands)
        return [self.hashes.get(key, []) if name == "HVALS" else self.values.get(key) for name, key in commands]


def registry_of(commands: Commands) -> RedisRegistry:
    return RedisRegistry(commands, Leases(commands, SystemClock()))


def living(*gateways: Gateway) -> dict[str, bytes]:
    return {f"gateway:{gateway.name}": gateway.incarnation.encode() for gateway in gateways}


def at(gateway: Gateway) -> list[bytes]:
    return [place_of(gateway).encode()]


ONE, OTHER, AGAIN = Gateway("one", "1"), Gateway("other", "1"), Gateway("one", "2")


async def test_people_at_a_gateway_that_was_met_before_are_found_in_one_round_trip() -> None:
    commands = CountedCommands({"user:alice": at(ONE), "user:bob": at(ONE)}, living(ONE))
    registry = registry_of(commands)
    assert await registry.locate(["alice"]) == {"alice": frozenset({"one"})}
    commands.trips = 0
    assert await registry.locate(["alice", "bob"]) == {name: frozenset({"one"}) for name in ("alice", "bob")}
    assert commands.trips == 1


async def test_a_gateway_that_was_not_met_yet_is_asked_for() -> None:
    commands = CountedCommands({"user:alice": at(ONE), "user:bob": at(OTHER)}, living(ONE, OTHER))
    registry = registry_of(commands)
    await registry.locate(["alice"])
    assert await registry.locate(["bob", "alice"]) == {"bob": frozenset({"other"}), "alice": frozenset({"one"})}


async def test_a_gateway_that_was_met_is_judged_by_its_lease_of_now() -> None:
    commands = CountedCommands({"user:alice": at(ONE)}, living(ONE))
    registry = registry_of(commands)
    await registry.locate(["alice"])
    commands.values = living(AGAIN)
    assert await registry.locate(["alice"]) == {}
    commands.values = {}
    assert await registry.locate(["alice"]) == {}


async def test_of_many_gateways_only_the_newest_are_asked_for_in_advance() -> None:
    gateways = [Gateway(f"gateway-{number}", "1") for number in range(100)]
    hashes = {f"user:{number}": at(gateway) for number, gateway in enumerate(gateways)}
    commands = CountedCommands(hashes, living(*gateways))
    registry = registry_of(commands)
    for number, gateway in enumerate(gateways):
        assert await registry.locate([str(number)]) == {str(number): frozenset({gateway.name})}
    commands.trips = 0
    await registry.locate(["99", "98"])
    assert commands.trips == 1
    await registry.locate(["0"])
    assert commands.trips == 3

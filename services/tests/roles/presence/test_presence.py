"""Presence: offline only after the grace, never for who is back, and nothing of those who hide."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from prometheus_client import REGISTRY

from parley.ports.registry import Gateway
from parley.protocol.channel import WatchedChanged, decode_item
from parley.roles.presence.main import AT_ONCE, PresenceRole
from tests.ports.conftest import Wired, embedded

HERE, WATCHING = Gateway("gw-1", "a"), Gateway("gw-2", "b")
GRACE_S, TTL_MS = 15, 600_000


@pytest.fixture
async def wired() -> AsyncIterator[Wired]:
    async with embedded("sqlite::memory:") as ready:
        for gateway in (HERE, WATCHING):
            await ready.backends.registry.renew(gateway, TTL_MS)
        await ready.backends.presence.watch("gw-2", {"ann": True})
        await ready.backends.registry.register(HERE, [("ann", "phone")])
        await ready.backends.presence.arrived(["ann"])
        yield ready


async def leave(wired: Wired) -> None:
    backends = wired.backends
    await backends.registry.unregister(HERE, [("ann", "phone")])
    await backends.presence.departed({"ann": backends.clock.now_ms() + GRACE_S * 1000})


async def told(wired: Wired, role: PresenceRole) -> list[WatchedChanged]:
    """What the watching gateway is told by one look."""
    channels = wired.backends.channels
    cursor = (await channels.read("gw-2", None, 1, 0.0)).cursor
    await role.look()
    items = (await channels.read("gw-2", cursor, 10, 0.0)).items
    return [item for item in map(decode_item, items) if isinstance(item, WatchedChanged)]


async def test_offline_is_told_once_and_only_after_the_grace(wired: Wired) -> None:
    role = PresenceRole(wired.backends, "test")
    await leave(wired)
    await wired.pass_time(GRACE_S - 1)
    assert await told(wired, role) == []
    await wired.pass_time(2)
    (changed,) = await told(wired, role)
    assert (changed.user, changed.online) == ("ann", False)
    assert changed.last_seen is not None
    assert (await wired.backends.profiles.profiles(["ann"]))["ann"].last_seen == changed.last_seen
    assert await told(wired, role) == []


async def test_a_reconnect_within_the_grace_is_not_told(wired: Wired) -> None:
    role = PresenceRole(wired.backends, "test")
    await leave(wired)
    await wired.backends.registry.register(HERE, [("ann", "phone")])
    assert not await wired.backends.presence.arrived(["ann"])
    await wired.pass_time(GRACE_S + 1)
    assert await told(wired, role) == []


async def test_g8_users_of_a_dead_gateway_go_offline(wired: Wired) -> None:
    role = PresenceRole(wired.backends, "test")
    await wired.pass_time(TTL_MS / 1000 + 1)
    await wired.backends.registry.renew(WATCHING, TTL_MS)
    assert [changed.user for changed in await told(wired, role)] == ["ann"]


async def test_many_who_leave_together_are_declared_in_one_turn(wired: Wired) -> None:
    backends, stop = wired.backends, asyncio.Event()
    users = [f"user-{number}" for number in range(3 * AT_ONCE)]
    await backends.presence.arrived(users)
    await backends.presence.departed(dict.fromkeys(users, 0))
    await PresenceRole(backends, "test")._turn(stop)
    assert (await backends.presence.census()).leaving == 0
    assert await backends.presence.counted(users, 0) == frozenset()


async def test_a_turn_ends_when_the_process_is_to_stop_however_many_wait(wired: Wired) -> None:
    backends, stop = wired.backends, asyncio.Event()
    users = [f"user-{number}" for number in range(2 * AT_ONCE)]
    await backends.presence.arrived(users)
    await backends.presence.departed(dict.fromkeys(users, 0))
    stop.set()
    await PresenceRole(backends, "test")._turn(stop)
    assert (await backends.presence.census()).leaving == AT_ONCE


async def test_who_comes_back_at_the_moment_at_which_he_is_declared_gone_stays_online(wired: Wired) -> None:
    backends = wired.backends
    board = backends.presence
    await leave(wired)
    await wired.pass_time(GRACE_S + 1)
    forget = board.gone

    async def come_back_first(users: Sequence[str]) -> None:
        await backends.registry.register(HERE, [("ann", "phone")])
        assert not await board.arrived(["ann"]), "he counted as online, so that his gateway says nothing"
        await forget(users)

    board.gone = come_back_first  # type: ignore[method-assign]
    assert await told(wired, PresenceRole(backends, "test")) == []
    assert await board.counted(["ann"], 0) == {"ann"}


async def test_what_a_dead_gateway_left_behind_is_shown_until_it_was_looked_at(wired: Wired) -> None:
    backends, role = wired.backends, PresenceRole(wired.backends, "test")
    lost = shown("parley_presence_gateways_lost_total")
    await role._turn(asyncio.Event())
    assert shown("parley_presence_users", state="connected") == 1
    await backends.registry.release(HERE)
    role._observe_at = 0.0
    await role._turn(asyncio.Event())
    assert shown("parley_presence_users", state="left_behind") == 1
    assert shown("parley_presence_users", state="connected") == 0
    assert shown("parley_presence_gateways_lost_total") == lost + 1
    assert await backends.leadership.acquire("presence", "test", 1)
    await backends.leadership.resign("presence", "test")
    assert await backends.leadership.acquire("presence", "another", TTL_MS)
    await role._turn(asyncio.Event())
    assert REGISTRY.get_sample_value("parley_presence_users", {"state": "connected"}) is None


def shown(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_nothing_is_told_of_those_who_hide(wired: Wired) -> None:
    role = PresenceRole(wired.backends, "test")
    await wired.backends.profiles.set_privacy("ann", hide_presence=True)
    await leave(wired)
    await wired.pass_time(GRACE_S + 1)
    assert await told(wired, role) == []

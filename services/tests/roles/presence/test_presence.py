"""Presence: offline only after the grace, never for who is back, and nothing of those who hide."""

from collections.abc import AsyncIterator

import pytest

from parley.ports.registry import Gateway
from parley.protocol.channel import WatchedChanged, decode_item
from parley.roles.presence.main import PresenceRole
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
        await ready.backends.presence.arrived("ann")
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
    assert not await wired.backends.presence.arrived("ann")
    await wired.pass_time(GRACE_S + 1)
    assert await told(wired, role) == []


async def test_g8_users_of_a_dead_gateway_go_offline(wired: Wired) -> None:
    role = PresenceRole(wired.backends, "test")
    await wired.pass_time(TTL_MS / 1000 + 1)
    await wired.backends.registry.renew(WATCHING, TTL_MS)
    assert [changed.user for changed in await told(wired, role)] == ["ann"]


async def test_nothing_is_told_of_those_who_hide(wired: Wired) -> None:
    role = PresenceRole(wired.backends, "test")
    await wired.backends.profiles.set_privacy("ann", hide_presence=True)
    await leave(wired)
    await wired.pass_time(GRACE_S + 1)
    assert await told(wired, role) == []

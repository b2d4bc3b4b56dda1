"""What time brings: heartbeats, the end of a token, leases, presence, and the end of the gateway."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from parley.domain.content import Content
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.registry import Gateway, Registry
from parley.protocol.client_frames import Authenticate, Ping, Send, Watch
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import Ack, Done, ErrorFrame, GoAway, Message, Pong, PresenceUpdate, Resync
from parley.protocol.session_states import State
from parley.roles.gateway.client import Client
from tests.patience import STILL_S
from tests.roles.gateway.running import CONVERSATION, Running, delivery, embedded_backends, eventually, running


def soon(milliseconds: int) -> str:
    return f"ann until {int(time.time() * 1000) + milliseconds}"


async def test_a_connection_that_answers_pings_stays_and_one_that_does_not_is_closed() -> None:
    async with running(heartbeat_ms=200) as gateway:
        alive, dead = await gateway.join("alive"), await gateway.join("dead")
        dead.connection.transport.pause_reading()
        client = gateway.client("dead")
        reading = asyncio.create_task(alive.hear(Message))
        await eventually(lambda: _closed(client))
        dead.connection.transport.resume_reading()
        assert await dead.close_code() == CloseCode.HEARTBEAT_LOST
        await gateway.publish(delivery(1, "alive"))
        assert (await reading).entry.seq == 1


async def _closed(client: Client) -> bool:
    return client.session.state is State.CLOSED


async def test_a_token_that_ends_while_connected_is_told_and_closes_after_the_grace() -> None:
    async with running(heartbeat_ms=200, jwt_leeway_ms=300) as gateway:
        peer = await gateway.join(soon(200))
        assert (await peer.hear(ErrorFrame)).code == ErrorCode.TOKEN_EXPIRED
        await peer.say(Send(id="r1", client_msg_id="m1", content=Content("hi"), conversation=CONVERSATION))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.id) == (ErrorCode.TOKEN_EXPIRED, "r1")
        assert await peer.close_code() == CloseCode.TOKEN_EXPIRED
        assert gateway.chat.calls(Send) == []


async def test_a_renewal_in_place_keeps_the_session_that_was_about_to_end() -> None:
    async with running(heartbeat_ms=200, jwt_leeway_ms=60_000) as gateway:
        peer = await gateway.join(soon(200))
        assert (await peer.hear(ErrorFrame)).code == ErrorCode.TOKEN_EXPIRED
        await peer.say(Authenticate("r1", soon(60_000)))
        assert (await peer.hear(Done)).id == "r1"
        await peer.say(Send(id="r2", client_msg_id="m1", content=Content("hi"), conversation=CONVERSATION))
        assert (await peer.hear(Ack)).id == "r2"


async def test_g8_after_a_lapsed_lease_everybody_is_registered_again_and_resyncs() -> None:
    async with running(lease_ms=300) as gateway:
        peer = await gateway.join("ann")
        await peer.say(Watch("r1", ("bob",)))
        await peer.hear(PresenceUpdate)
        registry, board = gateway.backends.registry, gateway.backends.presence
        await registry.unregister(gateway.role.gateway, [("ann", "phone")])
        await board.watch("gateway-0", {"bob": False})
        await registry.release(gateway.role.gateway)
        await peer.hear(Resync)
        await gateway.until_located("ann", "gateway-0")
        await eventually(lambda: _watches(gateway, "bob"))


async def _watches(gateway: Running, user: str) -> bool:
    return "gateway-0" in (await gateway.backends.presence.watchers([user])).get(user, frozenset())


class Unreachable:
    """A registry with outages."""

    def __init__(self, real: Registry) -> None:
        self._real = real
        self.away = False
        self.refused = 0

    def _real_or_refuse(self) -> Registry:
        if self.away:
            self.refused += 1
            raise ParleyError(ErrorCode.UNAVAILABLE, "the registry is away")
        return self._real

    async def renew(self, gateway: Gateway, ttl_ms: int) -> bool:
        return await self._real_or_refuse().renew(gateway, ttl_ms)

    async def release(self, gateway: Gateway) -> None:
        await self._real_or_refuse().release(gateway)

    async def register(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        await self._real_or_refuse().register(gateway, devices)

    async def unregister(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        await self._real_or_refuse().unregister(gateway, devices)

    async def locate(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        return await self._real_or_refuse().locate(users)

    async def gateways(self) -> frozenset[str]:
        return await self._real_or_refuse().gateways()


async def test_g8_without_the_registry_sockets_stay_and_open_and_afterwards_all_are_found() -> None:
    async with embedded_backends() as backends:
        registry = Unreachable(backends.registry)
        async with running(replace(backends, registry=registry), lease_ms=300) as gateway:
            before = await gateway.join("ann")
            registry.away = True
            during = await gateway.join("bob")
            for peer in (before, during):
                await peer.say(Ping("r1"))
                await peer.hear(Pong)
            await during.say(Watch("r2", ("ann",)))
            assert (await during.hear(ErrorFrame)).code == ErrorCode.UNAVAILABLE
            seen = registry.refused
            await eventually(lambda: _refused(registry, seen + 2))
            assert gateway.role.not_ready() is None, "all gateways lose one registry; none may turn its clients away"
            registry.away = False
            for peer in (before, during):
                await peer.hear(Resync)
            await gateway.until_located("ann", "gateway-0")
            await gateway.until_located("bob", "gateway-0")
            assert gateway.role.not_ready() is None


async def _refused(registry: Unreachable, times: int) -> bool:
    return registry.refused >= times


async def test_a_gateway_that_never_had_its_lease_is_not_ready_and_says_why() -> None:
    async with embedded_backends() as backends:
        registry = Unreachable(backends.registry)
        registry.away = True
        async with running(replace(backends, registry=registry), lease_ms=300) as gateway:
            assert "the registry is away" in str(gateway.role.not_ready())
            registry.away = False
            await eventually(lambda: _is_ready(gateway))


async def _is_ready(gateway: Running) -> bool:
    return gateway.role.not_ready() is None


async def test_who_leaves_is_unregistered_and_counts_as_offline_only_after_the_grace() -> None:
    async with running(presence_grace_ms=60_000) as gateway:
        phone, laptop = await gateway.join("ann"), await gateway.join("ann", "laptop")
        board, now = gateway.backends.presence, int(time.time() * 1000)
        await phone.connection.close()
        await laptop.say(Ping("r1"))
        await laptop.hear(Pong)
        assert await board.due(now + 3_600_000, 10) == []
        await laptop.connection.close()
        await gateway.until_located("ann")
        await eventually(lambda: _due(gateway, now + 3_600_000))
        assert await board.due(now + 50_000, 10) == []


async def _due(gateway: Running, at: int) -> bool:
    return await gateway.backends.presence.due(at, 10) == ["ann"]


async def test_a_drain_asks_clients_to_leave_serves_them_meanwhile_and_closes_who_stays() -> None:
    async with running(drain_ms=1_000) as gateway:
        stays, leaves = await gateway.join("stays"), await gateway.join("leaves")
        gateway.stop.set()
        for peer in (stays, leaves):
            assert (await peer.hear(GoAway)).within_ms <= 1_000
        await leaves.connection.close()
        await stays.say(Send(id="r1", client_msg_id="m1", content=Content("hi"), conversation=CONVERSATION))
        await stays.hear(Ack)
        assert gateway.role.not_ready() == "the gateway drains"
        assert await stays.close_code() == CloseCode.GOING_AWAY
        await gateway.ended
        assert await gateway.backends.registry.gateways() == frozenset()


async def test_a_drain_ends_as_soon_as_everybody_has_left() -> None:
    async with running(drain_ms=3_600_000) as gateway:
        peer = await gateway.join("ann")
        gateway.stop.set()
        await peer.hear(GoAway)
        await peer.connection.close()
        async with asyncio.timeout(STILL_S):
            await gateway.ended


async def test_a_drain_tells_nobody_that_its_users_are_offline() -> None:
    async with (
        embedded_backends() as backends,
        running(backends, node_name="gateway-1") as other,
        running(backends, drain_ms=1_000) as gateway,
    ):
        watcher = await other.join("bob")
        await watcher.say(Watch("r1", ("ann",)))
        await watcher.hear(PresenceUpdate)
        leaving = await gateway.join("ann")
        assert (await watcher.hear(PresenceUpdate)).users["ann"].online
        gateway.stop.set()
        await leaving.hear(GoAway)
        moved = await other.join("ann")
        assert await leaving.close_code() == CloseCode.GOING_AWAY
        await gateway.ended
        await moved.say(Ping("r2"))
        await moved.hear(Pong)
        await watcher.say(Ping("r3"))
        await watcher.hear(Pong)
        assert watcher.heard == []

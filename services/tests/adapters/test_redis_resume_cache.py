"""Heads and lists on Redis servers that lose things: emptied, swapped for an older copy, gone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from e2e.backends.ports import Ports
from e2e.backends.redis_server import RedisServer
from typing_extensions import override

from parley.adapters.redis.backend import open_redis
from parley.adapters.redis.connection import RedisAccess
from parley.adapters.redis.resume_cache import RedisResumeCache
from parley.domain.entries import Head
from parley.domain.errors import ParleyError
from parley.ports.resume_cache import HOLD_REACHES_S, Hold
from parley.runtime.system_clock import SystemClock
from tests.patience import STILL_S
from tests.ports.rows import CONVERSATION

pytestmark = pytest.mark.servers
OURS = Hold("a", 1, frozenset({0}))
ONE, TWO = Head(1, 10, 1), Head(2, 20, 2)


class LateClock(SystemClock):
    """A wall clock that is behind."""

    @override
    def now_ms(self) -> int:
        return super().now_ms() - round(HOLD_REACHES_S * 2000)


def started(folder: Path) -> RedisServer:
    folder.mkdir()
    server = RedisServer(folder, Ports(folder))
    server.start()
    server.wait_ready()
    return server


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[RedisServer, RedisServer]]:
    pair = started(tmp_path / "one"), started(tmp_path / "two")
    yield pair
    for server in pair:
        server.stop()


@asynccontextmanager
async def cache_on(server: RedisServer, clock: SystemClock | None = None) -> AsyncIterator[RedisResumeCache]:
    backend = await open_redis(RedisAccess(f"redis://127.0.0.1:{server.port}"), clock or SystemClock())
    yield backend.resume_cache
    await backend.close()


async def test_g3_a_replica_that_lacks_the_newest_head_is_not_trusted(
    servers: tuple[RedisServer, RedisServer],
) -> None:
    """It takes over while the hold that it copied still lives: nobody may believe it, and nobody hold on it yet."""
    master, replica = servers
    with replica.connect() as client:
        client.replicaof("127.0.0.1", str(master.port))
        await _until(lambda: client.info("replication")["master_link_status"] == "up")
        async with cache_on(master) as cache, cache_on(replica) as copied:
            await cache.hold(OURS)
            await cache.write({CONVERSATION: ONE}, ())
            await _until(lambda: bool(client.keys("*:h:*")))
            client.replicaof("NO", "ONE")
            await cache.write({CONVERSATION: TWO}, ())
            looked = await copied.look([], [CONVERSATION])
            assert looked.heads == {}
            with pytest.raises(ParleyError, match="another Redis has taken over"):
                await copied.hold(OURS)
            async with asyncio.timeout(STILL_S):
                while not await _held(copied):  # noqa: ASYNC110 - time makes the progress
                    await asyncio.sleep(0.2)
            assert (await copied.look([], [CONVERSATION])).heads == {}


async def test_g3_a_write_that_reached_another_server_is_an_error(servers: tuple[RedisServer, RedisServer]) -> None:
    async with cache_on(servers[0]) as cache, cache_on(servers[1]) as other:
        await cache.hold(OURS)
        await other.hold(OURS)
        cache._commands = other._commands
        with pytest.raises(ParleyError, match="another Redis answers"):
            await cache.write({CONVERSATION: TWO}, ())


async def test_g3_a_hold_that_arrives_late_does_nothing(servers: tuple[RedisServer, RedisServer]) -> None:
    async with cache_on(servers[0], LateClock()) as cache:
        with pytest.raises(ParleyError, match="too late, and did nothing"):
            await cache.hold(OURS)
        assert (await cache.look([], [CONVERSATION])).ticket is None


async def test_a_server_that_was_emptied_begins_anew(servers: tuple[RedisServer, RedisServer]) -> None:
    async with cache_on(servers[0]) as cache:
        await cache.hold(OURS)
        before = await cache.look([], [CONVERSATION])
        await cache.write({CONVERSATION: TWO}, ())
        with servers[0].connect() as client:
            client.flushall()
        await cache.hold(Hold("a", 1, kept=frozenset({0})))
        await cache.fill(before.ticket, {}, {CONVERSATION: ONE})
        assert (await cache.look([], [CONVERSATION])).heads == {}


async def test_a_server_that_is_gone_is_asked_only_now_and_then(servers: tuple[RedisServer, RedisServer]) -> None:
    async with cache_on(servers[0]) as cache:
        servers[0].stop()
        with pytest.raises(ParleyError, match="cannot be used now"):
            await cache.look([], [CONVERSATION])
        with pytest.raises(ParleyError, match="a moment ago"):
            await cache.look([], [CONVERSATION])


async def _held(cache: RedisResumeCache) -> bool:
    try:
        return await cache.hold(OURS) == frozenset()
    except ParleyError:
        return False


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(STILL_S):
        while not await asyncio.to_thread(done):  # noqa: ASYNC110 - a server makes the progress
            await asyncio.sleep(0.02)

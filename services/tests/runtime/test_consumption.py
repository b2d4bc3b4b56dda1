"""How a role works off its log: nothing is skipped, and offsets never say more than what is durable."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from parley.adapters.connect import connect
from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.event_log import LogRecord
from parley.runtime.backends import Backends
from parley.runtime.consumption import Consumption
from parley.runtime.settings import load_settings
from tests.patience import STILL_S

GROUP = "test"


class Recorder:
    """Remembers what it was asked; fails as often as it is told."""

    def __init__(self) -> None:
        self.processed: list[bytes] = []
        self.settled: dict[int, int] = {}
        self.outages: dict[str, int] = {}
        self.may_settle = asyncio.Event()
        self.may_settle.set()

    async def process(self, records: Sequence[LogRecord]) -> None:
        self._perhaps_fail("process")
        self.processed += [record.value for record in records]

    async def settle(self, positions: Mapping[int, int]) -> None:
        self._perhaps_fail("settle")
        await self.may_settle.wait()
        self.settled |= positions

    def failed(self, partitions: frozenset[int]) -> None:
        """Nothing is held."""

    def revoked(self, partitions: frozenset[int]) -> None:
        """Nothing is held."""

    def _perhaps_fail(self, what: str) -> None:
        if self.outages.get(what, 0):
            self.outages[what] -= 1
            raise ParleyError(ErrorCode.UNAVAILABLE, f"{what} fails")


@pytest.fixture
async def backends() -> AsyncIterator[Backends]:
    url = "sqlite::memory:"
    connected = await connect(load_settings(log_url=url, store_url=url, registry_url="memory:", partitions=2))
    yield connected
    await connected.close()


@asynccontextmanager
async def working(backends: Backends, work: Recorder) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(Consumption(backends.log, INGRESS.name, GROUP, work).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(STILL_S):
        while not true():  # noqa: ASYNC110 - the work knows nothing of events
            await asyncio.sleep(0.005)


async def lag(backends: Backends) -> int:
    return sum((await backends.log.lag(INGRESS.name, GROUP)).values())


async def test_g1_offsets_are_committed_only_behind_what_was_settled(backends: Backends) -> None:
    work = Recorder()
    work.outages["settle"] = 3
    places = await backends.log.append(INGRESS.name, 1, [b"a", b"b"])
    async with working(backends, work):
        await until(lambda: work.outages["settle"] < 3)
        assert work.settled == {}
        assert await lag(backends) == 2
        await until(lambda: work.settled == {1: places[-1].position})
    assert await lag(backends) == 0
    assert set(work.processed) == {b"a", b"b"}


async def test_what_was_done_last_is_settled_and_committed_at_the_end(backends: Backends) -> None:
    work = Recorder()
    async with working(backends, work):
        await backends.log.append(INGRESS.name, 0, [b"a"])
        await until(lambda: work.processed == [b"a"])
    assert await lag(backends) == 0


async def test_g1_a_batch_that_failed_is_read_again_and_nothing_is_skipped(backends: Backends) -> None:
    work = Recorder()
    work.outages["process"] = 2
    await backends.log.append(INGRESS.name, 0, [b"a", b"b"])
    async with working(backends, work):
        await until(lambda: len(work.processed) >= 2)
        await backends.log.append(INGRESS.name, 0, [b"c"])
        await until(lambda: b"c" in work.processed)
    assert work.processed == [b"a", b"b", b"c"]
    assert await lag(backends) == 0


async def test_commits_come_without_another_record(backends: Backends) -> None:
    work = Recorder()
    async with working(backends, work):
        await backends.log.append(INGRESS.name, 0, [b"a"])
        async with asyncio.timeout(STILL_S):
            while await lag(backends):  # noqa: ASYNC110 - the log tells nobody
                await asyncio.sleep(0.005)
    assert work.processed == [b"a"]


async def test_records_do_not_wait_while_others_are_settled(backends: Backends) -> None:
    work = Recorder()
    work.may_settle.clear()
    async with working(backends, work):
        for value in (b"a", b"b", b"c"):
            await backends.log.append(INGRESS.name, 0, [value])
            await until(lambda value=value: value in work.processed)  # type: ignore[misc]
        assert work.settled == {}
        assert await lag(backends) == 3
        work.may_settle.set()
    assert await lag(backends) == 0


async def test_g1_what_was_processed_before_settling_failed_is_processed_again(backends: Backends) -> None:
    work = Recorder()
    work.may_settle.clear()
    async with working(backends, work):
        await backends.log.append(INGRESS.name, 0, [b"a"])
        await until(lambda: work.processed == [b"a"])
        await backends.log.append(INGRESS.name, 1, [b"b"])
        await until(lambda: b"b" in work.processed)
        work.outages["process"] = 1
        await backends.log.append(INGRESS.name, 1, [b"c"])
        await until(lambda: b"c" in work.processed)
        assert work.processed.count(b"a") == 2
        assert work.processed.count(b"b") == 2
        work.may_settle.set()
    assert await lag(backends) == 0

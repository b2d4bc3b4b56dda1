"""Every suite of this folder runs on every set of adapters; another engine joins by one entry in ADAPTERS."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from parley.adapters.connect import connect
from parley.runtime.backends import Backends
from parley.runtime.settings import Settings, load_settings
from tests.engines import cluster_redis, fresh_settings, sentinel_redis

BEGINNING_MS = 1_800_000_000_000


class ManualClock:
    """A clock that goes when it is told to, also backwards on the wall."""

    def __init__(self) -> None:
        self.wall_ms = BEGINNING_MS
        self.seconds = 1_000.0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic(self) -> float:
        return self.seconds


@dataclass(frozen=True)
class Wired:
    """Adapters, and a way to let time pass for them."""

    backends: Backends
    pass_time: Callable[[float], Awaitable[None]]


@asynccontextmanager
async def embedded(url: str) -> AsyncIterator[Wired]:
    """The adapters of `parley dev`, on a clock of their own."""
    clock = ManualClock()
    settings = load_settings(log_url=url, store_url=url, registry_url="memory:", partitions=4)
    backends = await connect(settings, clock)

    async def pass_time(seconds: float) -> None:
        clock.wall_ms += round(seconds * 1000)
        clock.seconds += seconds
        await asyncio.sleep(0)

    try:
        yield Wired(backends, pass_time)
    finally:
        await backends.close()


@asynccontextmanager
async def wired_to_servers(settings: Settings) -> AsyncIterator[Wired]:
    """Their time cannot be turned: tests that turn it look at rules of time, and are left out."""
    backends = await connect(settings)

    async def pass_time(seconds: float) -> None:
        del seconds
        pytest.skip("the servers keep the time themselves")

    try:
        yield Wired(backends, pass_time)
    finally:
        await backends.close()


def patient(settings: Settings) -> Settings:
    """On a busy machine a server answers late; what is proven here is what it answers."""
    return settings.model_copy(update={"registry_timeout_factor": 60.0})


@asynccontextmanager
async def distributed() -> AsyncIterator[Wired]:
    """The adapters of `parley run`, on real servers."""
    async with fresh_settings() as settings, wired_to_servers(patient(settings)) as wired:
        yield wired


@asynccontextmanager
async def with_redis(url: Callable[[], str]) -> AsyncIterator[Wired]:
    """Redis in one of its other forms; log and store are embedded."""
    registry_url, memory = await asyncio.to_thread(url), "sqlite::memory:"
    settings = load_settings(log_url=memory, store_url=memory, registry_url=registry_url, partitions=4)
    own = settings.model_copy(update={"registry_prefix": f"{uuid.uuid4().hex[:12]}:"})
    async with wired_to_servers(patient(own)) as wired:
        yield wired


ADAPTERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Wired]]] = {
    "embedded in a file": lambda folder: embedded(f"sqlite:{folder}"),
    "embedded in memory": lambda _: embedded("sqlite::memory:"),
    "on Kafka, CQL and Redis": lambda _: distributed(),
    "Redis by Sentinel": lambda _: with_redis(lambda: sentinel_redis().url),
    "Redis cluster": lambda _: with_redis(lambda: cluster_redis().url),
}


def _marked(name: str) -> object:
    return pytest.param(name, marks=pytest.mark.servers) if "Redis" in name else name


@pytest.fixture(params=[_marked(name) for name in ADAPTERS])
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Wired]:
    async with ADAPTERS[request.param](tmp_path / "data") as ready:
        yield ready


@pytest.fixture
def backends(wired: Wired) -> Backends:
    return wired.backends

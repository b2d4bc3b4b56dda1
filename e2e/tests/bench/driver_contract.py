"""What the contract tests of drivers stand on: the products by name, one that runs, and an ear that can be awaited."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from typing_extensions import override

from e2e.bench.contract import Client, Driver, Place, Population, Running
from e2e.bench.drivers.choice import driver_of

SOURCE: Final = "127.0.0.2"
_HEARD_S: Final = 60.0
"""Far more than anything takes; a test that gets here has failed."""


class Ear:
    """Keeps all that a client tells, in order."""

    def __init__(self) -> None:
        self.acknowledgements: list[str] = []
        self.messages: list[tuple[Place, str]] = []
        self.receipts: list[tuple[Place, str, str]] = []
        self.refusals: list[tuple[str | None, str]] = []
        self.ends: list[str] = []
        self._changed = asyncio.Event()

    def acknowledged(self, key: str) -> None:
        self.acknowledgements.append(key)
        self._changed.set()

    def refused(self, key: str | None, why: str) -> None:
        self.refusals.append((key, why))
        self._changed.set()

    def message(self, place: Place, key: str) -> None:
        self.messages.append((place, key))
        self._changed.set()

    def receipt(self, place: Place, key: str, reader: str) -> None:
        self.receipts.append((place, key, reader))
        self._changed.set()

    def closed(self, why: str) -> None:
        self.ends.append(why)
        self._changed.set()

    def heard(self, *, leaving_out: str = "~") -> list[str]:
        """The keys of the messages in the order in which they came, less those that begin with a word (echoes)."""
        return [key for _, key in self.messages if not key.startswith(leaving_out)]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition on what was heard; when it does not come true, all that was heard is shown."""
        try:
            async with asyncio.timeout(_HEARD_S):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"it did not happen; heard: {self}") from None

    @override
    def __str__(self) -> str:
        return (
            f"acknowledged={self.acknowledgements} messages={self.messages} receipts={self.receipts} "
            f"refused={self.refusals} closed={self.ends}"
        )


class People:
    """The people of one test, connected to one running product."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._clients: list[Client] = []

    async def connect(self, user: str, memory: object = None) -> tuple[Client, Ear]:
        """Connect one of them."""
        ear = Ear()
        async with asyncio.timeout(_HEARD_S):
            client = await self._driver.connect(user, ear, SOURCE, memory)
        self._clients.append(client)
        return client, ear

    def abort(self) -> None:
        """Drop whoever is still connected."""
        for client in self._clients:
            client.abort()


@asynccontextmanager
async def people(running: Running, population: Population) -> AsyncIterator[People]:
    """A driver for a population that has its accounts and groups."""
    await asyncio.to_thread(running.populate, population)
    driver = driver_of(running.target)
    them = People(driver)
    try:
        yield them
    finally:
        them.abort()
        await driver.close()

"""One process of the generator: it connects users of its own, sends for them, and counts what they hear."""

import asyncio
import gc
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import uvloop

from e2e.bench.contract import Place, Target
from e2e.bench.drivers.choice import driver_of
from e2e.bench.generator.calls import serve
from e2e.bench.generator.ears import Connected, Ears
from e2e.bench.generator.latencies import Latencies
from e2e.bench.generator.senders import Pace, Senders, Stream
from e2e.bench.generator.tally import Report, Tally, Watch
from e2e.bench.generator.verdict import receivers

_CONNECT_S: Final = 60.0
_EACH_SOURCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How many messages arrived, how many wait for the server's answer, and how many arrivals are expected at most."""

    arrived: int
    waiting: int
    expected: int


class Worker:
    """Its public methods are called from the benchmark's process."""

    def __init__(self, target: Target, groups: Mapping[str, Sequence[str]]) -> None:
        """Nobody is connected yet."""
        self._groups = groups
        self._driver = driver_of(target)
        self._tallies: dict[str, Tally] = {}
        self._connected = Connected()
        self._memories: dict[str, object] = {}

    async def connect(self, users: Sequence[str], at_once: int) -> tuple[str, dict[str, int]]:
        """Connect these users, so many at a time; the time that each took, and why some failed.

        Those who were connected before come back with the memory of their last client; who is connected stays.
        """
        took, failed, room = Latencies(), dict[str, int](), asyncio.Semaphore(at_once)
        begin = time.perf_counter()

        async def one(user: str, source: str) -> None:
            async with room:
                ears = Ears(user, self._tallies, self._connected)
                try:
                    async with asyncio.timeout(_CONNECT_S):
                        client = await self._driver.connect(user, ears, source, self._memories.pop(user, None))
                except Exception as error:  # noqa: BLE001 - each driver has errors of its own
                    why = f"{type(error).__name__}: {error}"
                    failed[why] = failed.get(why, 0) + 1
                    return
                self._connected.clients[user] = client
                took.record(time.perf_counter() - begin)

        absent = [(number, user) for number, user in enumerate(users) if user not in self._connected.clients]
        await asyncio.gather(*(one(user, _source_of(number)) for number, user in absent))
        gc.freeze()  # what stays for the whole run is not looked at again
        return took.encoded(), failed

    async def begin(self, phase: str, watch: Watch) -> None:
        """Count what belongs to this phase from now on."""
        self._tallies[phase] = Tally(watch)

    async def paced(self, phase: str, streams: Sequence[Stream], pace: Pace, padding: int) -> float:
        """Send at a pace; the most seconds that this process was behind."""
        senders = Senders(phase, self._tallies[phase], self._connected.clients, padding)
        await senders.paced(streams, pace)
        return senders.late

    async def flood(self, phase: str, streams: Sequence[Stream], under_way: int, seconds: float) -> int:
        """Send as fast as messages arrive; how many arrived in that time."""
        tally = self._tallies[phase]
        before = tally.deliveries
        await Senders(phase, tally, self._connected.clients).flood(streams, under_way, seconds)
        return tally.deliveries - before

    async def progress(self, phase: str) -> Progress:
        """How far a phase is."""
        tally = self._tallies[phase]
        sent = tally.report.sent
        return Progress(
            tally.deliveries,
            sum(len(one.waiting) for one in sent.values()),
            sum(
                (one.count - len(one.refused)) * len(receivers(name, one.place, self._groups))
                for name, one in sent.items()
            ),
        )

    async def end(self, phase: str) -> Report:
        """What became of a phase, which is over."""
        return self._tallies.pop(phase).finish()

    async def pause(self, users: Sequence[str]) -> None:
        """Let these users stop reading."""
        for user in users:
            self._connected.clients[user].pause_reading()

    async def resume(self, users: Sequence[str]) -> None:
        """Let them go on."""
        for user in users:
            self._connected.clients[user].resume_reading()

    async def abort(self, users: Sequence[str]) -> None:
        """Cut the connections of these users; of some the server has done so already."""
        for user in users:
            client = self._connected.clients.pop(user, None)
            if client is not None:
                self._memories[user] = client.memory()
                client.abort()

    async def pages(self, user: str, place: Place, size: int, rate: float, seconds: float) -> tuple[str, int, int]:
        """Read pages through the whole history of a place at a pace, newest first, over and over.

        The time that each took, and how many pages and how many different messages it saw.
        """
        client, took, seen = self._connected.clients[user], Latencies(), set[str]()
        begin, older, count = time.perf_counter(), None, int(rate * seconds)
        for number in range(count):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            page = await client.page(place, size, older)
            took.record(time.perf_counter() - due)
            seen.update(page.keys)
            older = page.older
        return took.encoded(), count, len(seen)

    async def dropped(self) -> dict[str, str]:
        """Users who lost their connection without our wish, and why."""
        return self._connected.dropped

    async def close(self) -> None:
        """Disconnect everybody."""
        for client in list(self._connected.clients.values()):
            client.abort()
        self._connected.clients.clear()
        await self._driver.close()


def _source_of(number: int) -> str:
    """A local address has ports for so many connections to one server only."""
    return f"127.0.0.{2 + number // _EACH_SOURCE}"


def run(target: Target, groups: Mapping[str, Sequence[str]], theirs: socket.socket) -> None:
    """The process."""

    async def main() -> None:
        await serve(theirs, Worker(target, groups))

    uvloop.run(main())

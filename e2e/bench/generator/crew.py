"""All processes of the generator as one: who is connected by which, phases over all of them, and their outcome."""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from e2e.bench.contract import Place, Population, Target
from e2e.bench.generator.calls import Caller
from e2e.bench.generator.latencies import Latencies
from e2e.bench.generator.senders import Pace, Stream
from e2e.bench.generator.tally import NOTHING_BESIDES, Watch
from e2e.bench.generator.verdict import Outcome, outcome_of
from e2e.bench.generator.worker import Progress, run

_PROCESSES: Final = 2
AT_ONCE: Final = 32
"""Connections that each process opens at the same time."""
_LEAD_S: Final = 0.2
_QUIET_S: Final = 10.0
"""A phase is over when everything arrived, or when nothing has arrived for so long."""
_LOOK_S: Final = 0.05
_END_S: Final = 30.0


class ConnectError(Exception):
    """Not everybody could connect."""


class Crew:
    """The users of a population, in two processes: the crowd, whose size may disturb, has one of its own."""

    def __init__(self, population: Population, crowd: Iterable[str], callers: Sequence[Caller]) -> None:
        """Made by `crew_of`."""
        self.late = 0.0
        """The most seconds by which the generator itself was late in the newest phase; they count as the server's."""
        self._population = population
        self._callers = callers
        self._home = dict.fromkeys(population.users, 0) | dict.fromkeys(crowd, 1)
        self._phases = 0

    async def connect(self, users: Iterable[str], at_once: int = AT_ONCE) -> Latencies:
        """Connect them; the time since the beginning until each was there. Raises ConnectError when some are not."""
        answers = await asyncio.gather(
            *(self._callers[home].call("connect", mine, at_once) for home, mine in self._shared_out(users))
        )
        failed = [f"{count} times {why}" for _, failures in answers for why, count in failures.items()]
        if failed:
            raise ConnectError("; ".join(failed[:3]))
        return Latencies.merged(Latencies(encoded) for encoded, _ in answers)

    async def begin(self, watch: Watch = NOTHING_BESIDES) -> str:
        """Count from now on; the name of the phase."""
        self._phases += 1
        self.late = 0.0
        phase = f"p{self._phases}"
        await asyncio.gather(*(caller.call("begin", phase, watch) for caller in self._callers))
        return phase

    async def paced(self, phase: str, streams: Sequence[Stream], rate: float, seconds: float, padding: int = 0) -> None:
        """Send at a rate over all streams."""
        begin = time.perf_counter_ns() + int(_LEAD_S * 1e9)
        late: list[float] = await asyncio.gather(
            *(
                self._callers[home].call(
                    "paced", phase, mine, Pace(begin, rate * len(mine) / len(streams), seconds), padding
                )
                for home, mine in self._streams_shared_out(streams)
            )
        )
        self.late = max(self.late, *late)

    async def flood(self, phase: str, streams: Sequence[Stream], under_way: int, seconds: float) -> float:
        """Send as fast as it goes; messages that arrived per second."""
        begin = time.perf_counter()
        counts: list[int] = await asyncio.gather(
            *(
                self._callers[home].call("flood", phase, mine, under_way, seconds)
                for home, mine in self._streams_shared_out(streams)
            )
        )
        return sum(counts) / (time.perf_counter() - begin)

    async def settle(self, phase: str, most_s: float) -> float:
        """Wait until everything has arrived, nothing comes any more, or `most_s` are over; the seconds that it took."""
        begin = changed = time.perf_counter()
        before: list[Progress] = []
        while time.perf_counter() - changed < _QUIET_S and time.perf_counter() - begin < most_s:
            now: list[Progress] = await asyncio.gather(*(one.call("progress", phase) for one in self._callers))
            if sum(one.waiting for one in now) == 0 and sum(one.arrived - one.expected for one in now) >= 0:
                break
            if now != before:
                before, changed = now, time.perf_counter()
            await asyncio.sleep(_LOOK_S)
        return time.perf_counter() - begin

    async def end(self, phase: str) -> Outcome:
        """What became of a phase; raises nothing for its faults, which the verdict names."""
        reports = await asyncio.gather(*(caller.call("end", phase) for caller in self._callers))
        return outcome_of(reports, self._population.groups)

    async def pause(self, users: Iterable[str]) -> None:
        """Let these users stop reading."""
        await self._each("pause", users)

    async def resume(self, users: Iterable[str]) -> None:
        """Let them read on."""
        await self._each("resume", users)

    async def abort(self, users: Iterable[str]) -> None:
        """Cut their connections; whoever connects again comes back with what his client remembers."""
        await self._each("abort", users)

    async def pages(
        self, user: str, place: Place, size: int, rate: float, seconds: float
    ) -> tuple[Latencies, int, int]:
        """Read a history in pages; how long each took, how many there were, and how many different messages."""
        encoded, pages, messages = await self._callers[self._home[user]].call("pages", user, place, size, rate, seconds)
        return Latencies(encoded), pages, messages

    async def dropped(self) -> dict[str, str]:
        """Users who lost their connection without our wish, and why."""
        answers: list[dict[str, str]] = await asyncio.gather(*(caller.call("dropped") for caller in self._callers))
        return {user: why for answer in answers for user, why in answer.items()}

    async def close(self) -> None:
        """Disconnect everybody."""
        async with asyncio.timeout(_END_S):
            await asyncio.gather(*(caller.call("close") for caller in self._callers))

    async def _each(self, method: str, users: Iterable[str]) -> None:
        await asyncio.gather(*(self._callers[home].call(method, mine) for home, mine in self._shared_out(users)))

    def _shared_out(self, users: Iterable[str]) -> list[tuple[int, list[str]]]:
        shares: dict[int, list[str]] = {}
        for user in users:
            shares.setdefault(self._home[user], []).append(user)
        return sorted(shares.items())

    def _streams_shared_out(self, streams: Iterable[Stream]) -> list[tuple[int, list[Stream]]]:
        shares: dict[int, list[Stream]] = {}
        for stream in streams:
            shares.setdefault(self._home[stream.user], []).append(stream)
        return sorted(shares.items())


@asynccontextmanager
async def crew_of(target: Target, population: Population, crowd: Iterable[str] = ()) -> AsyncIterator[Crew]:
    """Start the processes of the generator for this target; they end with the context."""
    context = multiprocessing.get_context("spawn")
    callers, children = [], []
    for _ in range(_PROCESSES):
        ours, theirs = socket.socketpair()
        child = context.Process(target=run, args=(target, population.groups, theirs), daemon=True)
        child.start()
        theirs.close()
        callers.append(await Caller.over(ours))
        children.append(child)
    crew = Crew(population, crowd, callers)
    try:
        yield crew
        await crew.close()
    finally:
        for caller in callers:
            caller.close()
        for child in children:
            await asyncio.to_thread(child.join, _END_S)
            child.kill()

"""All workloads on all products, in turns."""

import asyncio
import os
import platform as machine
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from e2e.bench.contract import Ability, Product
from e2e.bench.generator.crew import crew_of
from e2e.bench.machine import processor
from e2e.bench.plan import SETUP, Plan
from e2e.bench.progress import Progress
from e2e.bench.results.record import Fault, Record
from e2e.bench.workloads import growth
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.choice import GROWTH
from e2e.bench.workloads.people import People, people
from e2e.bench.workloads.scale import Scale


async def run(plan: Plan, record: Record, say: Callable[[str], None], keep: Callable[[], None] = lambda: None) -> None:
    """Every round, every product; a product that fails is named in the record, and the others go on.

    After each product `keep` is called, so that a run that is ended early leaves what it has.
    """
    # Of a run to which another adds, what is said of the whole stays.
    record.environment = environment(plan.scale) | record.environment
    progress = Progress(plan.steps(), say)
    for number in range(1, plan.scale.rounds + 1):
        for product in plan.products:
            turn = Turn(product, number, record, say, plan, progress)
            if plan.workloads:
                await turn.trying("all", turn.run)
            if plan.grows(product, number):
                await turn.trying(GROWTH.name, turn.grow)
            keep()
    record.add_time(progress.end())


@dataclass(frozen=True, slots=True)
class Turn:
    """One product in one round, from an empty folder."""

    product: Product
    round: int
    record: Record
    say: Callable[[str], None]
    plan: Plan
    progress: Progress

    async def run(self) -> None:
        """All workloads for which the product has what they need."""
        scale, most = self.plan.scale, self.product.most
        members = scale.given(scale.members, most.members) if Ability.GROUPS in self.product.abilities else 0
        silent = scale.given(max(*scale.idle, scale.storm), most.people)
        self._begin(SETUP)
        async with self._bench(people(silent, members, scale.pairs)) as bench:
            members_there = False
            for workload in self.plan.of(self.product):
                self._begin(workload.name)
                if workload.members and not members_there:
                    await bench.crew.connect(bench.people.members)
                    members_there = True
                await self.trying(workload.name, lambda workload=workload: workload.run(bench))  # type: ignore[misc]

    async def grow(self) -> None:
        """W9, which leaves a server behind that is good for nothing else."""
        scale = self.plan.scale
        self._begin(GROWTH.name)
        async with self._bench(people(growth.CONNECTIONS[-1], scale.members, scale.pairs, grows=True)) as bench:
            await bench.crew.connect(bench.people.members)
            await GROWTH.run(bench)

    async def trying(self, workload: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do it; an error becomes the reason why there are no numbers."""
        try:
            await do()
        except Exception as error:  # noqa: BLE001 - one product's failure does not end the others' measurements
            self.say(f"{workload} of {self.product.name}: {error}")
            why = f"{type(error).__name__}: {error}"
            self.record.faults.append(Fault(self.round, workload, self.product.name, why))

    def _begin(self, what: str) -> None:
        self.progress.begin(self.round, self.product.name, what)

    @asynccontextmanager
    async def _bench(self, everybody: People) -> AsyncIterator[Bench]:
        """The product, running and warm, and the pairs connected."""
        scale = self.plan.scale
        with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as folder:
            running = await asyncio.to_thread(self.product.start, Path(folder))
            try:
                self.record.products[self.product.name] = running.facts
                await asyncio.to_thread(running.populate, everybody.population)
                async with crew_of(running.target, everybody.population, everybody.crowd) as crew:
                    bench = Bench(self.product, running, crew, everybody, scale, self.record, self.round, self.say)
                    await crew.connect(everybody.talkers)
                    await bench.phase("warm", lambda phase: crew.flood(phase, everybody.pairs, 2, scale.warm_s))
                    yield bench
                    for why, count in Counter((await crew.dropped()).values()).items():
                        bench.fault("all", f"{count} connections ended: {why}")
            finally:
                await asyncio.to_thread(running.stop)


def environment(scale: Scale) -> dict[str, str]:
    """The machine, and what all products share."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} cores ({processor()}), {memory:.0f} GiB",
        "system": f"{machine.system()} {machine.release()}",
        "python": machine.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": str(scale.rounds),
    }

"""All workloads on all products, in turns."""

import asyncio
import os
import platform as machine
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from e2e.bench.contract import Ability, Product
from e2e.bench.generator.crew import crew_of
from e2e.bench.machine import processor
from e2e.bench.results.record import Fault, Record
from e2e.bench.workloads import closed_loop, group, growth, history, idle, paced, receipts, stalled, storm
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.people import People, people
from e2e.bench.workloads.scale import Scale


@dataclass(frozen=True, slots=True)
class Workload:
    """One of W1 to W9: what it needs of a product, and whether all members of groups are connected before it."""

    name: str
    run: Callable[[Bench], Awaitable[None]]
    needs: frozenset[Ability] = frozenset()
    members: bool = False


WORKLOADS: Final = (
    Workload("W1", paced.run),
    Workload("W2", closed_loop.run),
    Workload("W7", receipts.run, frozenset({Ability.RECEIPTS})),
    Workload("W6", history.run, frozenset({Ability.HISTORY})),
    Workload("W3", group.run, frozenset({Ability.GROUPS}), members=True),
    Workload("W8", stalled.run, frozenset({Ability.GROUPS}), members=True),
    Workload("W4", idle.run),
    Workload("W5", storm.run, frozenset({Ability.RESUME})),
)
"""In this order within a round: what leaves connections behind comes last."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run."""

    scale: Scale
    products: Sequence[Product]
    workloads: Sequence[Workload] = WORKLOADS
    growth: bool = False
    """Whether W9 is measured as well, once, of products that have all abilities."""


async def run(plan: Plan, record: Record, say: Callable[[str], None], keep: Callable[[], None] = lambda: None) -> None:
    """Every round, every product; a product that fails is named in the record, and the others go on.

    After each product `keep` is called, so that a run that is ended early leaves what it has.
    """
    record.environment |= environment(plan.scale)
    for number in range(1, plan.scale.rounds + 1):
        for product in plan.products:
            say(f"round {number}: {product.name}")
            turn = Turn(product, number, record, say, plan.scale)
            if plan.workloads:
                await turn.trying("all", lambda turn=turn: turn.run(plan.workloads))  # type: ignore[misc]
            if plan.growth and number == 1 and set(Ability) - {Ability.ACCOUNTS} <= product.abilities:
                await turn.trying("W9", turn.grow)
            keep()


@dataclass(frozen=True, slots=True)
class Turn:
    """One product in one round, from an empty folder."""

    product: Product
    round: int
    record: Record
    say: Callable[[str], None]
    scale: Scale

    async def run(self, workloads: Sequence[Workload]) -> None:
        """All workloads for which the product has what they need."""
        scale = self.scale
        members = min(scale.members, self.product.most_members or scale.members)
        members = members if Ability.GROUPS in self.product.abilities else 0
        async with self._bench(people(max(*scale.idle, scale.storm), members, scale.pairs)) as bench:
            members_there = False
            for workload in workloads:
                if not workload.needs <= self.product.abilities:
                    continue
                if workload.members and not members_there:
                    await bench.crew.connect(bench.people.members)
                    members_there = True
                self.say(f"{workload.name} of {self.product.name}")
                await self.trying(workload.name, lambda workload=workload: workload.run(bench))  # type: ignore[misc]

    async def grow(self) -> None:
        """W9, which leaves a server behind that is good for nothing else."""
        async with self._bench(
            people(growth.CONNECTIONS[-1], self.scale.members, self.scale.pairs, grows=True)
        ) as bench:
            await bench.crew.connect(bench.people.members)
            await growth.run(bench)

    async def trying(self, workload: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do it; an error becomes the reason why there are no numbers."""
        try:
            await do()
        except Exception as error:  # noqa: BLE001 - one product's failure does not end the others' measurements
            self.say(f"{workload} of {self.product.name}: {error}")
            why = f"{type(error).__name__}: {error}"
            self.record.faults.append(Fault(self.round, workload, self.product.name, why))

    @asynccontextmanager
    async def _bench(self, everybody: People) -> AsyncIterator[Bench]:
        """The product, running and warm, and the pairs connected."""
        with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as folder:
            running = await asyncio.to_thread(self.product.start, Path(folder))
            try:
                self.record.products[self.product.name] = running.facts
                await asyncio.to_thread(running.populate, everybody.population)
                async with crew_of(running.target, everybody.population, everybody.crowd) as crew:
                    bench = Bench(self.product, running, crew, everybody, self.scale, self.record, self.round, self.say)
                    await crew.connect(everybody.talkers)
                    await bench.phase("warm", lambda phase: crew.flood(phase, everybody.pairs, 2, self.scale.warm_s))
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

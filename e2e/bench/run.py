"""All workloads on all products, in turns."""

import asyncio
import os
import platform as machine
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from e2e.bench.contract import Ability, Product
from e2e.bench.generator.crew import Crew, crew_of
from e2e.bench.results.record import Fault, Record
from e2e.bench.workloads import closed_loop, group, growth, history, idle, paced, receipts, stalled, storm
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.people import People, people
from e2e.bench.workloads.scale import GROUP, Scale


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
    """What is run. `most_users` bounds the crowd of products in which accounts are costly to make."""

    scale: Scale
    products: Sequence[Product]
    workloads: Sequence[Workload] = WORKLOADS


async def run(plan: Plan, record: Record, say: Callable[[str], None]) -> None:
    """Every round, every product; a product that fails is named in the record, and the others go on."""
    record.environment |= environment(plan.scale)
    for number in range(1, plan.scale.rounds + 1):
        for product in plan.products:
            say(f"round {number}: {product.name}")
            await _try(record, "all", product, number, lambda p=product, n=number: _round(plan, p, n, record, say))  # type: ignore[misc]


async def _round(plan: Plan, product: Product, number: int, record: Record, say: Callable[[str], None]) -> None:
    """One product, from an empty folder."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as folder:
        running = await asyncio.to_thread(product.start, Path(folder))
        try:
            record.products[product.name] = running.facts
            everybody = _people(plan, product)
            await asyncio.to_thread(running.populate, everybody.population)
            async with crew_of(running.target, everybody.population, everybody.crowd) as crew:
                bench = Bench(product, running, crew, everybody, plan.scale, record, number, say)
                await _workloads(plan, bench, crew)
        finally:
            await asyncio.to_thread(running.stop)


async def _workloads(plan: Plan, bench: Bench, crew: Crew) -> None:
    await crew.connect(bench.people.talkers)
    await bench.phase("warm", lambda phase: crew.flood(phase, bench.people.pairs, 2, bench.scale.warm_s))
    members_there = False
    for workload in plan.workloads:
        if not workload.needs <= bench.product.abilities:
            continue
        if workload.members and not members_there:
            await crew.connect(bench.people.members)
            members_there = True
        bench.say(f"{workload.name} of {bench.product.name}")
        await _try(bench.record, workload.name, bench.product, bench.round, lambda w=workload: w.run(bench))  # type: ignore[misc]
    dropped = await crew.dropped()
    for why in dict.fromkeys(dropped.values()):
        bench.fault("all", f"{sum(1 for each in dropped.values() if each == why)} connections ended: {why}")
    if plan.scale.growth and bench.people.grows:
        await _try(bench.record, "W9", bench.product, bench.round, lambda: growth.run(bench))


async def _try(record: Record, workload: str, product: Product, number: int, do: Callable[[], Awaitable[None]]) -> None:
    try:
        await do()
    except Exception as error:  # noqa: BLE001 - one product's failure does not end the others' measurements
        record.faults.append(Fault(number, workload, product.name, f"{type(error).__name__}: {error}"))


def _people(plan: Plan, product: Product) -> People:
    most = getattr(product, "most_users", None)
    wanted = max(*plan.scale.idle, plan.scale.storm)
    members = GROUP if Ability.GROUPS in product.abilities else 0
    if most is None:
        return people(wanted, members)
    return people(min(wanted, most), min(members, most))


def environment(scale: Scale) -> dict[str, str]:
    """The machine, and what all products share."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        machine.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB",
        "system": f"{machine.system()} {machine.release()}",
        "python": machine.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
        "rounds": str(scale.rounds),
    }

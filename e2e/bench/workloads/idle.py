"""W4: people who are connected and silent: the memory of each in the process that holds them, and their CPU."""

import asyncio

from e2e.bench.workloads.bench import Bench, now
from e2e.bench.workloads.cost import cpu_seconds, resident_bytes, spent
from e2e.bench.workloads.scale import Scale


async def run(bench: Bench) -> None:
    """Each number in turn; those who are connected stay."""
    front, before = bench.running.processes[bench.running.front], 0
    bare = resident_bytes(front)
    for count in dict.fromkeys(min(count, len(bench.people.idle)) for count in bench.scale.idle):
        workload, begin = f"W4 {count}", now()
        await bench.crew.connect(bench.people.idle[before:count])
        bench.row(workload, "connected a second", (count - before) / (now() - begin), "/s")
        before = count
        await asyncio.sleep(bench.scale.idle_s / 2)  # so that what connecting left behind is not counted
        used = cpu_seconds(bench.running.processes)
        await asyncio.sleep(bench.scale.idle_s)
        cpu = spent(used, cpu_seconds(bench.running.processes)) / bench.scale.idle_s
        memory = (resident_bytes(front) - bare) / count
        bench.row(workload, "memory of each in the front process", memory / 1024, "KiB")
        bench.row(workload, "server CPU at rest", cpu * 100, "% of a core")
        bench.say(f"{workload}: {memory / 1024:.1f} KiB each, {cpu * 100:.1f} % of a core")


def lasts_s(scale: Scale) -> float:
    """Seconds of a product to which a thousand people connect in a second and a half."""
    return sum(1.5 * scale.idle_s for _ in scale.idle) + max(scale.idle) / 1_000 * 1.5

"""W5: the connections of thousands break at once and all of them come back, while others talk on."""

import asyncio
from typing import Final

from e2e.bench.generator.latencies import Latencies
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.scale import Scale

_RATE: Final = 200.0
_SLICE_S: Final = 2.0
_AT_ONCE: Final = 500
_STORE_READS: Final = "parley_store_reads_total{"
_OF_RESUMES: Final = ('kind="list"', 'kind="entries"', 'kind="marks"')
"""The kinds of reads that others' messages do not cause; a resume that misses the cache needs the first of them."""


async def run(bench: Bench) -> None:
    """A calm phase, then the same with the storm."""
    users = bench.people.idle[: bench.scale.storm]
    streams, rate, workload = bench.people.pairs, bench.rate(_RATE), f"W5 {len(users)}"
    await bench.crew.connect(users, _AT_ONCE)  # those whom W4 did not connect: to come for the first time is no return
    calm = await bench.phase(
        f"{workload} calm", lambda phase: bench.crew.paced(phase, streams, rate, _calm_s(bench.scale))
    )
    reads, took = store_reads(bench), Latencies()

    async def send(phase: str) -> None:
        nonlocal took
        await bench.crew.abort(users)
        back = asyncio.create_task(bench.crew.connect(users, _AT_ONCE))
        while not back.done():
            await bench.crew.paced(phase, streams, rate, _SLICE_S)
        took = await back

    storm = await bench.phase(f"{workload} storm", send)
    bench.row(workload, "all back after", took.at(100) / 1e3, "s")
    if reads is not None and (later := store_reads(bench)) is not None:
        bench.row(workload, "store reads per 100 resumes", (later - reads) / len(users) * 100, "")
    if calm is not None and storm is not None:
        bench.row(workload, "others' p99, times that of the calm", storm.delivered.at(99) / calm.delivered.at(99), "x")


def store_reads(bench: Bench) -> float | None:
    """Reads of the message store for resumes so far; None of a product that does not count them."""
    metrics = getattr(bench.running, "metrics", None)
    series = [] if metrics is None else [line for line in metrics().splitlines() if line.startswith(_STORE_READS)]
    mine = [line for line in series if any(kind in line for kind in _OF_RESUMES)]
    return sum(float(line.rpartition(" ")[2]) for line in mine) if series else None


def lasts_s(scale: Scale) -> float:
    """Seconds of a product to which everybody is back within a slice."""
    return _calm_s(scale) + _SLICE_S


def _calm_s(scale: Scale) -> float:
    return max(_SLICE_S, scale.pace_s / 2)

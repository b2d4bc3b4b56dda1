"""W2: pairs who answer each delivery with the next message; the largest rate at which 99 % arrive within 300 ms."""

from typing import Final

from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.scale import Scale

LIMIT_MS: Final = 300.0
_FASTER: Final = 1.02
"""More messages under way are worth a try only while they bring more than this."""


async def run(bench: Bench) -> None:
    """More and more messages under way, until it gets no faster or too slow for each."""
    best = best_level = 0.0
    for under_way in bench.scale.under_way:
        workload = f"W2 {under_way} each"
        rates: list[float] = []

        async def send(phase: str, under_way: int = under_way, rates: list[float] = rates) -> None:
            rates.append(await bench.crew.flood(phase, bench.people.pairs, under_way, bench.scale.flood_s))

        outcome = await bench.phase(workload, send)
        if outcome is None:
            continue
        (rate,) = rates
        bench.row(workload, "rate", rate, "/s")
        if outcome.delivered.at(99) > LIMIT_MS:
            break
        slower = rate < best * _FASTER
        if rate > best:
            best, best_level = rate, under_way
        if slower:
            break
    if best:
        bench.row("W2", "largest rate with p99 <= 300 ms", best, "/s")
        bench.row("W2", "under way at that rate", best_level * len(bench.people.pairs), "")
        bench.say(f"W2: {best:,.0f} messages a second")


def lasts_s(scale: Scale) -> float:
    """Seconds, at most."""
    return len(scale.under_way) * scale.flood_s

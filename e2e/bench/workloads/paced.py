"""W1: pairs who talk at a steady rate, whatever the server does; latencies count from when a message was due."""

from e2e.bench.results.record import KEPT_UP
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.scale import Scale


async def run(bench: Bench) -> None:
    """Each rate in turn; after one that is too much the higher ones are not tried."""
    streams = bench.people.pairs
    for rate in bench.scale.rates:
        workload = f"W1 {rate}/s"
        if bench.fell_behind():
            bench.fault(workload, "not tried, since a lower rate was too much already")
            continue
        outcome = await bench.phase(
            workload,
            lambda phase, rate=rate: bench.crew.paced(phase, streams, rate, bench.scale.pace_s),  # type: ignore[misc]
        )
        if outcome is None:
            bench.row(workload, KEPT_UP, 0.0, "")  # so that neither this nor another workload tries a higher rate
        else:
            bench.row(workload, "delivered p99.9", outcome.delivered.at(99.9), "ms")


def lasts_s(scale: Scale) -> float:
    """Seconds of a product that keeps up."""
    return len(scale.rates) * scale.pace_s

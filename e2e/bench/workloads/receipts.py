"""W7: pairs who talk at 200 messages a second and say of every message that they have read it."""

from typing import Final

from e2e.bench.generator.tally import Watch
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.scale import Scale

_RATE: Final = 200.0


async def run(bench: Bench) -> None:
    """Once; the time counts from when the message was due until its sender knows that it was read."""
    rate, streams = bench.rate(_RATE), bench.people.pairs
    workload = f"W7 {rate:.0f}/s"
    outcome = await bench.phase(
        workload,
        lambda phase: bench.crew.paced(phase, streams, rate, bench.scale.pace_s),
        Watch(readers=frozenset(bench.people.listeners)),
    )
    if outcome is None:
        return
    bench.record.keep(workload, bench.product.name, "read", outcome.receipts)
    bench.row(workload, "receipts heard per message", outcome.receipts.count / outcome.verdict.sent, "")
    for name, percent in (("p50", 50.0), ("p99", 99.0)):
        bench.row(workload, f"known as read {name}", outcome.receipts.at(percent), "ms")
    bench.say(f"W7: known as read p50 {outcome.receipts.at(50):.1f} ms, p99 {outcome.receipts.at(99):.1f} ms")


def lasts_s(scale: Scale) -> float:
    """Seconds of a product that keeps up."""
    return scale.pace_s

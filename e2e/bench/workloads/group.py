"""W3: a group of 500, all online, 20 messages a second; what counts is when the last member has each message."""

from e2e.bench.generator.tally import Watch
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.people import WHOLE
from e2e.bench.workloads.scale import GROUP_RATE, Scale


async def run(bench: Bench) -> None:
    """Once."""
    workload, streams = bench.sized("W3"), bench.people.group(WHOLE)
    outcome = await bench.phase(
        workload,
        lambda phase: bench.crew.paced(phase, streams, GROUP_RATE, bench.scale.group_s),
        Watch(last_of_each=True),
    )
    if outcome is not None:
        bench.record.keep(workload, bench.product.name, "to the last member", outcome.to_last)
        for name, percent in (("p50", 50.0), ("p99", 99.0)):
            bench.row(workload, f"to the last member {name}", outcome.to_last.at(percent), "ms")
        bench.say(f"{workload}: to the last member p99 {outcome.to_last.at(99):.1f} ms")


def lasts_s(scale: Scale) -> float:
    """Seconds of a product that keeps up."""
    return scale.group_s

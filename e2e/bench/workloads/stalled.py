"""W8: five of a hundred members of a group stop reading; what becomes of the others, and later of the five."""

from typing import Final

from e2e.bench.generator.tally import Watch
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.people import PART
from e2e.bench.workloads.scale import STALLED, Scale

_RATE: Final = 20.0
_PADDING: Final = 4_000
"""So that buffers of sockets fill within the time."""


async def run(bench: Bench) -> None:
    """All of them, then with stalled readers, in turns, since the machine's other work comes and goes."""
    stalled, streams = bench.people.part[-STALLED:], bench.people.group(PART)
    healthy: list[float] = []
    disturbed: list[float] = []
    for _ in range(bench.scale.turns):
        calm = await bench.phase(
            bench.sized("W8 healthy"),
            lambda phase: bench.crew.paced(phase, streams, _RATE, bench.scale.group_s, _PADDING),
            Watch(apart=frozenset(stalled)),
        )

        async def send(phase: str) -> None:
            await bench.crew.pause(stalled)
            await bench.crew.paced(phase, streams, _RATE, bench.scale.group_s, _PADDING)
            await bench.crew.resume(stalled)

        storm = await bench.phase(bench.sized("W8 with stalled"), send, Watch(apart=frozenset(stalled)))
        if calm is None or storm is None:
            return
        healthy.append(calm.delivered.at(99))
        disturbed.append(storm.delivered.at(99))
    ratio = sum(disturbed) / sum(healthy)
    bench.row(bench.sized("W8"), "healthy p99 beside stalled readers, times that without", ratio, "x")
    bench.say(f"W8: healthy p99 {ratio:.2f} times that without stalled readers")


def lasts_s(scale: Scale) -> float:
    """Seconds of a product that keeps up."""
    return 2 * scale.turns * scale.group_s

"""W6: pages of 50 through the whole history of a conversation, newest first, twenty a second."""

from typing import Final

from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.scale import PAGE, Scale

_RATE: Final = 20.0
_WRITE_S: Final = 120.0
_UNDER_WAY: Final = 32


async def run(bench: Bench) -> None:
    """Write the history, then read it from both sides."""
    wanted, stream = bench.scale.given(bench.scale.history, bench.product.most.history), bench.people.pairs[0]
    workload = "W6" if wanted == bench.scale.history else f"W6, history of {wanted}"
    written = await fill(bench, wanted)
    if not written:
        return
    latencies, pages, messages = await bench.crew.pages(stream.user, stream.place, PAGE, _RATE, bench.scale.page_s)
    if messages < min(written, PAGE * pages) * 0.9:
        bench.fault(workload, f"{pages} pages of {PAGE} named only {messages} different messages")
        return
    bench.record.keep(workload, bench.product.name, "page", latencies)
    for name, percent in (("p50", 50.0), ("p99", 99.0)):
        bench.row(workload, f"page of {PAGE} {name}", latencies.at(percent), "ms")
    bench.row(workload, "messages in the conversation", written, "")
    bench.say(f"{workload}: page p50 {latencies.at(50):.1f} ms, p99 {latencies.at(99):.1f} ms of {written} messages")


async def fill(bench: Bench, count: int) -> int:
    """Send about so many messages into the first pair's conversation, as fast as it goes; how many there are."""
    stream, written, begin_with = bench.people.pairs[0], 0, f"W6 writing {count}"
    rate = float(count)
    spent = 0.0
    while written < count and spent < _WRITE_S:
        seconds = min(10.0, max(1.0, (count - written) / rate))

        async def send(phase: str, seconds: float = seconds) -> None:
            nonlocal rate
            rate = max(1.0, await bench.crew.flood(phase, [stream], _UNDER_WAY, seconds))

        outcome = await bench.phase(begin_with, send)
        if outcome is None:
            return 0
        written += outcome.verdict.sent
        spent += seconds
    return written


def lasts_s(scale: Scale) -> float:
    """Seconds of a product that takes a thousand messages a second."""
    return max(1.0, scale.history / 1_000) + scale.page_s

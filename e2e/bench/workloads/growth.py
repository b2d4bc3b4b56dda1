"""W9: what a message costs as conversations, members, connections and history grow tenfold, twice."""

from typing import Final

from e2e.bench.contract import Direct
from e2e.bench.generator.senders import Stream
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.history import fill
from e2e.bench.workloads.people import GROWN, grown
from e2e.bench.workloads.scale import PAGE, Scale

_RATE: Final = 200.0
_CONVERSATIONS: Final = (10, 100, 1_000)
CONNECTIONS: Final = (100, 1_000, 10_000)
_HISTORY: Final = (1_000, 10_000, 100_000)
_DELIVERIES: Final = 2_000.0
"""Deliveries a second to groups of each size, so that the server is equally busy."""


async def run(bench: Bench) -> None:
    """One dimension after the other. The connections come last, since they stay."""
    await _history(bench)
    await _conversations(bench)
    await _members(bench)
    await _connections(bench)


async def _conversations(bench: Bench) -> None:
    """The first of each pair talks to more and more of the seconds."""
    others = bench.people.listeners
    streams = [
        Stream(pair.user, Direct.of(pair.user, others[(number + shift) % len(others)]), shift)
        for shift in range(len(others))
        for number, pair in enumerate(bench.people.pairs)
    ]
    for count in _CONVERSATIONS:
        await _paced(bench, f"W9 conversations {count}", streams[:count], _RATE)


async def _members(bench: Bench) -> None:
    for count in GROWN:
        group = grown(count)
        await _paced(bench, f"W9 members {count}", [Stream(bench.people.members[0], group)], _DELIVERIES / (count - 1))


async def _connections(bench: Bench) -> None:
    before = 0
    for count in CONNECTIONS:
        await bench.crew.connect(bench.people.idle[before:count])
        before = count
        await _paced(bench, f"W9 connections {count}", bench.people.pairs, _RATE)


async def _history(bench: Bench) -> None:
    """Sending into, and reading the newest page of, a conversation that grows."""
    stream, there = bench.people.pairs[0], 0
    for count in _HISTORY:
        there += await fill(bench, count - there)
        await _paced(bench, f"W9 history {count}", [stream], _RATE)
        latencies, _, _ = await bench.crew.pages(stream.user, stream.place, PAGE, 20.0, bench.scale.page_s)
        bench.row(f"W9 history {count}", f"page of {PAGE} p99", latencies.at(99), "ms")


async def _paced(bench: Bench, workload: str, streams: list[Stream], rate: float) -> None:
    outcome = await bench.phase(workload, lambda phase: bench.crew.paced(phase, streams, rate, bench.scale.pace_s))
    if outcome is not None:
        deliveries = outcome.verdict.delivered / outcome.verdict.sent
        bench.row(workload, "deliveries per message", deliveries, "")


def lasts_s(scale: Scale) -> float:
    """Seconds of a product that takes a thousand messages a second, and as many connections in a second and a half."""
    steps = len(_HISTORY) + len(_CONVERSATIONS) + len(GROWN) + len(CONNECTIONS)
    filled = _HISTORY[-1] / 1_000 + CONNECTIONS[-1] / 1_000 * 1.5
    return steps * scale.pace_s + len(_HISTORY) * scale.page_s + filled

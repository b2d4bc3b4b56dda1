"""What every workload gets: a product that runs, the generator, how much of everything, and where results go."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from e2e.bench.contract import Product, Running
from e2e.bench.generator.crew import Crew
from e2e.bench.generator.tally import NOTHING_BESIDES, Watch
from e2e.bench.generator.verdict import Outcome
from e2e.bench.results.record import KEPT_UP, MESSAGES, Fault, Record, Row
from e2e.bench.workloads.cost import cpu_seconds, spent
from e2e.bench.workloads.people import People
from e2e.bench.workloads.scale import Scale

_BEHIND_S: Final = 1.0
"""A server that needs longer for what is left after the last message did not keep up."""
_PATIENCE_S: Final = 90.0
_LEAST_RATE: Final = 10.0


@dataclass
class Bench:
    """One product in one round."""

    product: Product
    running: Running
    crew: Crew
    people: People
    scale: Scale
    record: Record
    round: int
    say: Callable[[str], None]

    def row(self, workload: str, metric: str, value: float, unit: str) -> None:
        """Keep a number."""
        self.record.rows.append(Row(self.round, workload, self.product.name, metric, value, unit))

    def fault(self, workload: str, why: str) -> None:
        """Say why there is no number that counts."""
        self.say(f"{workload}: {why}")
        self.record.faults.append(Fault(self.round, workload, self.product.name, why))

    def rate(self, wanted: float) -> float:
        """This rate, or the largest of W1 below it that the product kept up with in this round."""
        tried = {float(name.removeprefix("W1 ").removesuffix("/s")): kept for name, kept in self._kept_up().items()}
        if not tried or any(kept and rate >= wanted for rate, kept in tried.items()):
            return wanted
        return max((rate for rate, kept in tried.items() if kept), default=_LEAST_RATE)

    def sized(self, workload: str) -> str:
        """The name of a workload in groups, which says so when the group is smaller than others'."""
        members = len(self.people.members)
        return workload if members == self.scale.members else f"{workload}, group of {members}"

    def fell_behind(self) -> bool:
        """Whether some rate of W1 was too much in this round."""
        return not all(self._kept_up().values())

    def _kept_up(self) -> dict[str, bool]:
        mine = (self.round, self.product.name)
        rows = [row for row in self.record.rows if (row.round, row.product) == mine and row.metric == KEPT_UP]
        return {row.workload: bool(row.value) for row in rows if row.workload.startswith("W1 ")}

    async def phase(
        self,
        workload: str,
        send: Callable[[str], Awaitable[object]],
        watch: Watch = NOTHING_BESIDES,
    ) -> Outcome | None:
        """Send, wait until everything arrived, judge, and keep what every workload has; None when it does not count."""
        phase = await self.crew.begin(watch)
        before = cpu_seconds(self.running.processes)
        await send(phase)
        behind = await self.crew.settle(phase, _PATIENCE_S)
        after = cpu_seconds(self.running.processes)
        used = {name: spent(before, after, [name]) for name in before}
        outcome = await self.crew.end(phase)
        verdict = outcome.verdict
        if behind >= _PATIENCE_S:
            self.fault(workload, f"messages were still on their way {_PATIENCE_S:.0f} s after the last one was sent")
            return None
        if verdict.faults or verdict.refusals:
            refused = [f"{count} times {why}" for why, count in list(verdict.refusals.items())[:2]]
            self.fault(workload, "; ".join([*verdict.faults, *refused]))
            return None
        if not verdict.delivered:
            self.fault(workload, "nothing was delivered")
            return None
        self._keep(workload, outcome, behind, used)
        return outcome

    def _keep(self, workload: str, outcome: Outcome, behind: float, spent_by: Mapping[str, float]) -> None:
        verdict, used = outcome.verdict, sum(spent_by.values())
        self.row(workload, MESSAGES, verdict.sent, "")
        self.row(workload, "deliveries", verdict.delivered, "")
        self.row(workload, "server CPU per message", used / verdict.sent * 1e6, "us")
        self.row(workload, "generator late", self.crew.late * 1e3, "ms")
        for name, seconds in spent_by.items():
            self.row(workload, f"CPU of {name} per message", seconds / verdict.sent * 1e6, "us")
        self.row(workload, KEPT_UP, float(behind < _BEHIND_S), "")
        for what, latencies in (("acknowledged", outcome.acknowledged), ("delivered", outcome.delivered)):
            self.record.keep(workload, self.product.name, what, latencies)
            for name, percent in (("p50", 50.0), ("p99", 99.0)):
                self.row(workload, f"{what} {name}", latencies.at(percent), "ms")
        self.say(
            f"{workload}: {verdict.sent} messages, delivered p50 {outcome.delivered.at(50):.1f} ms, "
            f"p99 {outcome.delivered.at(99):.1f} ms, {used / verdict.sent * 1e6:.0f} us of CPU each"
        )


def now() -> float:
    """Seconds of a clock that only goes forward."""
    return time.perf_counter()

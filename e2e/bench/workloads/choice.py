"""The workloads by name, in the order of a round: what leaves connections behind comes last."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from e2e.bench.contract import Ability
from e2e.bench.workloads import closed_loop, group, growth, history, idle, paced, receipts, stalled, storm
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.scale import Scale


@dataclass(frozen=True, slots=True)
class Workload:
    """One of W1 to W9: what it needs of a product, and whether all members of groups are connected before it.

    `lasts_s` is how long it is of a product that keeps up.
    """

    name: str
    run: Callable[[Bench], Awaitable[None]]
    lasts_s: Callable[[Scale], float]
    needs: frozenset[Ability] = frozenset()
    members: bool = False


WORKLOADS: Final = (
    Workload("W1", paced.run, paced.lasts_s),
    Workload("W2", closed_loop.run, closed_loop.lasts_s),
    Workload("W7", receipts.run, receipts.lasts_s, frozenset({Ability.RECEIPTS})),
    Workload("W6", history.run, history.lasts_s, frozenset({Ability.HISTORY})),
    Workload("W3", group.run, group.lasts_s, frozenset({Ability.GROUPS}), members=True),
    Workload("W8", stalled.run, stalled.lasts_s, frozenset({Ability.GROUPS}), members=True),
    Workload("W4", idle.run, idle.lasts_s),
    Workload("W5", storm.run, storm.lasts_s, frozenset({Ability.RESUME})),
)
GROWTH: Final = Workload("W9", growth.run, growth.lasts_s, frozenset(Ability) - {Ability.ACCOUNTS}, members=True)
"""It has a server of its own, which is good for nothing else afterwards."""

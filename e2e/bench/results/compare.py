"""Whether two runs agree: each number of one lies within a stated factor of the other's."""

from dataclasses import dataclass
from typing import Final

from e2e.bench.results.record import Record
from e2e.bench.results.summary import Summary

STATED: Final = {
    "KiB": 1.15,
    "/s": 1.5,
    "us": 1.5,
    "ms": 3.0,
    "s": 3.0,
}
"""The factor between two runs on a machine that others use as well, by unit. Percentiles of latencies move most."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One number in two runs."""

    workload: str
    product: str
    metric: str
    one: float
    other: float
    stated: float

    @property
    def factor(self) -> float:
        """How many times the smaller one the larger one is."""
        low, high = sorted((self.one, self.other))
        return high / low if low > 0 else 1.0

    @property
    def agrees(self) -> bool:
        """Whether it lies within the factor."""
        return self.factor <= self.stated


def differences(one: Record, other: Record) -> list[Difference]:
    """Every number that both runs have and that is stated to repeat."""
    first, second = Summary(one), Summary(other)
    return [
        Difference(*path, figure.median, second.figures[path].median, STATED[figure.unit])
        for path, figure in first.figures.items()
        if path in second.figures and figure.unit in STATED
    ]

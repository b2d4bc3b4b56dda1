"""Whether two runs agree: each number of one lies as near the other's as they state themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from e2e.bench.results.record import Record
from e2e.bench.results.spread import Spread, Spreads, apart
from e2e.bench.results.summary import Figure, Summary


@dataclass(frozen=True, slots=True)
class Difference:
    """One number in two runs, and the larger of the two spreads that they state of it."""

    workload: str
    product: str
    metric: str
    one: Figure
    other: Figure
    stated: Spread

    @property
    def apart(self) -> float:
        """The factor between them, or their difference."""
        return apart(self.stated.kind, (self.one.median, self.other.median))

    @property
    def agrees(self) -> bool:
        """Whether that is no more than is stated."""
        return self.apart <= self.stated.most


def differences(one: Record, other: Record) -> list[Difference]:
    """Every number that both runs have and of which at least one states how far it repeats."""
    first, second = Summary(one), Summary(other)
    spreads = Spreads(one), Spreads(other)
    found = []
    for path, figure in first.figures.items():
        stated = [spread for each in spreads if (spread := each.of(path)) is not None]
        if stated and path in second.figures:
            widest = max(stated, key=lambda spread: spread.most)
            found.append(Difference(*path, figure, second.figures[path], widest))
    return found


def table_of_those_apart(found: Sequence[Difference]) -> str:
    """A table of the numbers that do not agree, with the farthest first of its kind; empty when all agree."""
    lines = [
        f"| {each.product} | {each.workload} | {each.metric} | {each.one} | {each.other} | "
        f"{each.apart:.2f} | {each.stated} | {each.stated.kind} |"
        for each in sorted(found, key=lambda each: (each.stated.kind, -each.apart))
        if not each.agrees
    ]
    heads = "| product | workload | metric | one | other | apart | stated | kind |\n|---|---|---|---|---|---|---|---|"
    return "\n".join([heads, *lines]) if lines else ""


def verdict(found: Sequence[Difference]) -> str:
    """One line: how many of how many agree."""
    if not found:
        return "nothing to compare: the runs have no number in common of which either states how far it repeats"
    return f"{sum(each.agrees for each in found)} of {len(found)} numbers agree"

"""How far another run's numbers may lie from those of a run: stated from its own rounds, for page and comparison."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from typing_extensions import override

from e2e.bench.generator.latencies import Latencies
from e2e.bench.results.interval import Interval
from e2e.bench.results.kinds import Kind, kind_of, percentile_of
from e2e.bench.results.record import Record
from e2e.bench.results.summary import Figure, Summary
from e2e.bench.results.tables import shows

Path: TypeAlias = tuple[str, str, str]
"""A number's workload, product and metric."""
LEAST_FACTOR: Final = 1.3
"""Rounds are minutes apart; what a machine does from one day to another does not show in them."""
LEAST_DIFFERENCE: Final = 1.0
DEVIATIONS: Final = 6.0
"""So many that all numbers of two runs agree, and not only most. Simulated with 170 numbers of two rounds, of which
some are noisier than others and have outliers, all do in 98 of 100 pairs of runs; with four deviations in 79."""
_OWN: Final = 0.25


@dataclass(frozen=True, slots=True)
class Spread:
    """The largest factor, or difference, between a number and that of another run; two digits, as it is shown."""

    kind: Kind
    most: float

    @override
    def __str__(self) -> str:
        """As it stands behind the number."""
        shown = f"{self.most:.2g}" if self.most < 10 else f"{self.most:,.0f}"  # noqa: PLR2004 - two digits
        return f"±{shown}" if self.kind.by_difference else f"{shown}x"

    def around(self, value: float) -> tuple[float, float]:
        """The least and the most that another run's number may be."""
        if self.kind.by_difference:
            return value - self.most, value + self.most
        return value / self.most, value * self.most


class Spreads:
    """What a run states of the numbers that its page shows; nothing when it has one round."""

    def __init__(self, record: Record) -> None:
        """Work it out from the rounds and the histograms."""
        summary = Summary(record)
        shown = {path: figure for path, figure in summary.figures.items() if shows(path[0], path[2])}
        intervals = {path: _interval(record, summary, path) for path in shown}
        kinds = {
            path: kind
            for path, figure in shown.items()
            if (kind := _kind(path[2], figure, intervals[path])) is not None
        }
        variances = {path: variance(kind, shown[path].values) for path, kind in kinds.items()}
        self._spreads: dict[Path, Spread] = {}
        for path, kind in kinds.items():
            of_kind = [one for each, one in variances.items() if one is not None and kinds[each] is kind]
            if of_kind:
                by_rounds = stated(kind, of_kind, variances[path], len(shown[path].values))
                interval = intervals[path]
                self._spreads[path] = Spread(kind, rounded_up(max(by_rounds, interval.factor if interval else 0.0)))

    def of(self, path: Path) -> Spread | None:
        """What is stated of this number; None when nothing is."""
        return self._spreads.get(path)

    def of_kind(self, kind: Kind) -> list[Spread]:
        """What is stated of all numbers of this kind, the least first."""
        return sorted((each for each in self._spreads.values() if each.kind is kind), key=lambda each: each.most)


def stated(kind: Kind, of_kind: Sequence[float], own: float | None, rounds: int) -> float:
    """The largest factor, or difference, between medians of so many rounds each, from variances between rounds.

    Two rounds tell little of one number's variance, so that it is taken for a quarter, and what is usual for its kind
    for the rest.
    """
    usual = statistics.mean(of_kind)
    deviation = math.sqrt(usual if own is None else usual + (own - usual) * _OWN) * math.sqrt(2 / rounds)
    if kind.by_difference:
        return max(LEAST_DIFFERENCE, DEVIATIONS * deviation)
    return max(LEAST_FACTOR, math.exp(DEVIATIONS * deviation))


def variance(kind: Kind, rounds: Sequence[float]) -> float | None:
    """Between rounds, of logarithms where factors count; None of one round."""
    if len(rounds) == 1:
        return None
    return statistics.variance(rounds if kind.by_difference else map(math.log, rounds))


def apart(kind: Kind, values: Sequence[float]) -> float:
    """How far the outermost of these numbers are from each other; infinite where no factor lies between them."""
    low, high = min(values), max(values)
    if kind.by_difference:
        return high - low
    return 1.0 if low == high else high / low if low > 0 else math.inf


def rounded_up(most: float) -> float:
    """To two digits that count."""
    digits = 1 - math.floor(math.log10(most))
    return round(math.ceil(round(most * 10.0**digits, 6)) / 10.0**digits, max(0, digits))


def _kind(metric: str, figure: Figure, interval: Interval | None) -> Kind | None:
    """None of a number that is nothing in some round, as of that no factor can be stated."""
    kind = kind_of(metric, figure.unit, few=interval is None or interval.few)
    return kind if kind.by_difference or min(figure.values) > 0 else None


def _interval(record: Record, summary: Summary, path: Path) -> Interval | None:
    """That of a percentile whose histogram was kept.

    Messages are counted instead of deliveries, since those of a message to a group are late together.
    """
    workload, product, metric = path
    percentile = percentile_of(metric)
    if percentile is None:
        return None
    what, percent = percentile
    kept = record.histograms.get(f"{workload}|{product}|{what}")
    if kept is None:
        return None
    latencies, sent = Latencies(kept), summary.messages.get((workload, product))
    messages = latencies.count if sent is None else min(latencies.count, sent)
    return Interval.of(latencies, percent, messages) if messages else None

"""How far another run's numbers may lie from those of a run: stated from its own rounds, for page and comparison."""

import math
from collections.abc import Mapping, Sequence
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
        self._intervals = {path: _interval(record, summary, path) for path in shown}
        self._kinds = {path: kind for path, figure in shown.items() if (kind := self._kind(path, figure)) is not None}
        self.by_kind: Mapping[Kind, Spread] = self._by_kind(shown)
        """Of each kind; that of a percentile may be larger by its own interval."""

    def of(self, path: Path) -> Spread | None:
        """What is stated of this number; None when nothing is."""
        kind = self._kinds.get(path)
        if kind is None or kind not in self.by_kind:
            return None
        interval, of_kind = self._intervals[path], self.by_kind[kind]
        return of_kind if interval is None else Spread(kind, max(of_kind.most, rounded_up(interval.factor)))

    def count(self, kind: Kind) -> int:
        """How many numbers of this kind there are."""
        return list(self._kinds.values()).count(kind)

    def _kind(self, path: Path, figure: Figure) -> Kind | None:
        """None of a number that is nothing in some round, as of that no factor can be stated."""
        interval = self._intervals[path]
        kind = kind_of(path[2], figure.unit, few=interval is None or interval.few)
        return kind if kind.by_difference or min(figure.values) > 0 else None

    def _by_kind(self, shown: Mapping[Path, Figure]) -> dict[Kind, Spread]:
        most: dict[Kind, float] = {}
        for path, kind in self._kinds.items():
            values = shown[path].values
            if len(values) > 1:
                least = LEAST_DIFFERENCE if kind.by_difference else LEAST_FACTOR
                most[kind] = max(most.get(kind, least), apart(kind, values))
        return {kind: Spread(kind, rounded_up(most[kind])) for kind in Kind if kind in most}


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
    latencies, sent = Latencies(kept), summary.figure(workload, product, "messages")
    messages = latencies.count if sent is None else min(latencies.count, round(sum(sent.values)))
    return Interval.of(latencies, percent, messages) if messages else None

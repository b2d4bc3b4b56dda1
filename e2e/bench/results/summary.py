"""Rounds made one: the median of each number."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from e2e.bench.results.record import MESSAGES, Record


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of one or more rounds: one value of each, the median where something was done more than once in it."""

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @override
    def __str__(self) -> str:
        """As a table shows it: three digits that count."""
        return f"{self.median:,.0f}" if abs(self.median) >= 100 else f"{self.median:.3g}"  # noqa: PLR2004


class Summary:
    """The figures of a record, by workload, product and metric."""

    def __init__(self, record: Record) -> None:
        """Gather the rounds."""
        gathered: dict[tuple[str, str, str], dict[int, list[float]]] = {}
        units: dict[tuple[str, str, str], str] = {}
        for row in record.rows:
            path = (row.workload, row.product, row.metric)
            gathered.setdefault(path, {}).setdefault(row.round, []).append(row.value)
            units[path] = row.unit
        self.figures = {
            path: Figure(tuple(statistics.median(values) for values in rounds.values()), units[path])
            for path, rounds in gathered.items()
        }
        self.messages = Counter[tuple[str, str]]()
        """How many were sent in all rounds, by workload and product."""
        for row in record.rows:
            if row.metric == MESSAGES:
                self.messages[row.workload, row.product] += round(row.value)
        self.products: Sequence[str] = tuple(record.products)

    def figure(self, workload: str, product: str, metric: str) -> Figure | None:
        """One of them; None when it was not measured, or does not count."""
        return self.figures.get((workload, product, metric))

    def workloads(self, begins: str) -> list[str]:
        """The workloads whose names begin like this, such as all rates of W1, in the order of the run."""
        return list(dict.fromkeys(workload for workload, _, _ in self.figures if workload.startswith(begins)))

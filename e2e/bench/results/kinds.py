"""Kinds of numbers: those of a kind come about alike, so that how far they move says how far another one will."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a number is; the text names it for readers."""

    MIDDLE = "p50"
    TAIL = "p99 of many messages"
    FEW = "p99 of few messages"
    LONGEST = "time until all are back"
    RATIO = "ratio of two p99"
    COST = "CPU of a message"
    RATE = "rate"
    MEMORY = "memory"
    COUNT = "count"
    REST = "CPU at rest"
    READS = "reads of the store"

    @property
    def by_difference(self) -> bool:
        """Whether two of this kind are compared by their difference, since a number that is 0 is no factor of any."""
        return self in {Kind.REST, Kind.READS}


_BY_UNIT: Final = {
    "s": Kind.LONGEST,
    "x": Kind.RATIO,
    "us": Kind.COST,
    "/s": Kind.RATE,
    "KiB": Kind.MEMORY,
    "% of a core": Kind.REST,
}
_READS: Final = "store reads per 100 resumes"
_MIDDLE: Final = 50.0
_HISTOGRAMS: Final = {"page of 50": "page", "known as read": "read"}
"""Histograms whose name is not that of the metric."""


def percentile_of(metric: str) -> tuple[str, float] | None:
    """The histogram and the percentile that a metric is, such as `delivered` and 99; None of all others."""
    what, between, percent = metric.rpartition(" p")
    if not between or not percent.replace(".", "", 1).isdecimal():
        return None
    return _HISTOGRAMS.get(what, what), float(percent)


def kind_of(metric: str, unit: str, *, few: bool) -> Kind:
    """The kind of a metric; `few` says whether a percentile rests on too few values, see `Interval`."""
    percentile = percentile_of(metric)
    if percentile is not None:
        _, percent = percentile
        return Kind.MIDDLE if percent == _MIDDLE else Kind.FEW if few else Kind.TAIL
    if metric == _READS:
        return Kind.READS
    return _BY_UNIT.get(unit, Kind.COUNT)

"""How long things took, as a histogram that keeps three digits and can be written to a file and merged."""

from collections.abc import Iterable
from typing import Final, Self

from hdrh.histogram import HdrHistogram

_LEAST_US: Final = 1
_MOST_US: Final = 300_000_000
_DIGITS: Final = 3


class Latencies:
    """Durations between a microsecond and five minutes; longer ones count as five minutes."""

    def __init__(self, encoded: str | None = None) -> None:
        """Nothing, or what `encoded` gave."""
        self._histogram = HdrHistogram(_LEAST_US, _MOST_US, _DIGITS)
        if encoded is not None:
            self._histogram.decode_and_add(encoded.encode())

    @classmethod
    def merged(cls, all_of_them: Iterable["Latencies"]) -> Self:
        """Everything that any of them holds."""
        whole = cls()
        for one in all_of_them:
            whole._histogram.add(one._histogram)  # noqa: SLF001 - one of this class
        return whole

    def record(self, seconds: float) -> None:
        """Add one."""
        self._histogram.record_value(min(_MOST_US, max(_LEAST_US, int(seconds * 1e6))))

    @property
    def count(self) -> int:
        """How many."""
        return int(self._histogram.get_total_count())

    def at(self, percent: float) -> float:
        """The milliseconds within which this many percent lie; NaN of nothing."""
        return self._histogram.get_value_at_percentile(percent) / 1e3 if self.count else float("nan")

    def encoded(self) -> str:
        """As compressed text (HdrHistogram's own exchange format)."""
        return bytes(self._histogram.encode()).decode()

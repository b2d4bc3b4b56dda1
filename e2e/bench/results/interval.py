"""Where another run's percentile may lie by chance alone, from the times of one run. Pure."""

import math
from dataclasses import dataclass
from typing import Final, Self

from e2e.bench.generator.latencies import Latencies

_CONFIDENCE: Final = 1.96
"""Standard deviations on either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where 95 % of other runs have the percentile, in milliseconds, when messages are late independently.

    `few` says that it reaches beyond the largest time that was seen, so that `high` is only a lower bound.
    """

    low: float
    at: float
    high: float
    few: bool

    @property
    def factor(self) -> float:
        """How many times its nearer end the percentile is, or the farther end the percentile."""
        return max(self.at / self.low, self.high / self.at)

    @classmethod
    def of(cls, latencies: Latencies, percent: float, messages: int) -> Self:
        """The percentile's; `messages` are those that can be late on their own account.

        That many of `messages` lie below a percentile is binomial, and two runs differ by the chance of both. Raises
        ValueError of no times or no messages.
        """
        if not latencies.count or messages <= 0:
            raise ValueError("there is no percentile of nothing")
        share = percent / 100
        shift = _CONFIDENCE * math.sqrt(2 * messages * share * (1 - share)) / messages
        return cls(
            latencies.at(100 * max(0.0, share - shift)),
            latencies.at(percent),
            latencies.at(100 * min(1.0, share + shift)),
            few=share + shift >= 1,
        )

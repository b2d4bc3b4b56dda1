"""What is measured: latencies, rates, and the CPU time of processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from e2e.process_usage import cpu_seconds


def cpu_of(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU time that processes have used, by name."""
    return {name: cpu_seconds(pid) for name, pid in pids.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


@dataclass(slots=True)
class Measured:
    """One run: how many messages in how many seconds, what they cost whom, and how long each took (in seconds)."""

    name: str
    messages: int
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    acknowledged: list[float] = field(default_factory=list)
    delivered: list[float] = field(default_factory=list)
    out_of_order: int = 0

    @property
    def rate(self) -> float:
        """Messages per second."""
        return self.messages / self.seconds

    def cost(self, name: str) -> float:
        """Microseconds of a process' CPU per message."""
        return self.cpu[name] / self.messages * 1e6 if self.messages else float("nan")

"""What the project has promised itself, and what limits it where it is missed."""

from dataclasses import dataclass
from typing import Final

from e2e.bench.results.summary import Figure, Summary

_EMBEDDED: Final = "Parley on SQLite"
_ENGINES: Final = "Parley on Kafka and Cassandra"


@dataclass(frozen=True, slots=True)
class Aim:
    """A number that is to be at most `limit`, or at least when `more` is better; `limits` is told when it is missed."""

    what: str
    workload: str
    product: str
    metric: str
    limit: float
    unit: str
    peers: str
    more: bool = False
    limits: str = ""

    def met(self, figure: Figure) -> bool:
        """Whether the figure keeps it."""
        return figure.median >= self.limit if self.more else figure.median <= self.limit


AIMS: Final = (
    Aim("W1: 200 messages a second, delivered p99", "W1 200/s", _ENGINES, "delivered p99", 25, "ms", "W1 200/s"),
    Aim(
        "W2: durable messages a second",
        "W2",
        _EMBEDDED,
        "largest rate with p99 <= 300 ms",
        5_000,
        "/s",
        "W2",
        more=True,
    ),
    Aim("W3: group of 500, p99 to the last member", "W3", _EMBEDDED, "to the last member p99", 150, "ms", "W3"),
    Aim("W3: the same on real engines", "W3", _ENGINES, "to the last member p99", 150, "ms", "W3"),
    Aim("W4: memory of an idle connection", "W4 *", _ENGINES, "memory of each in the front process", 16, "KiB", "W4 *"),
    Aim("W5: all are back", "W5", _ENGINES, "all back after", 60, "s", "W5"),
    Aim("W5: others' p99 in the storm", "W5", _ENGINES, "others' p99, times that of the calm", 2, "x", "W5"),
    Aim("W5: store reads per 100 resumes", "W5", _ENGINES, "store reads per 100 resumes", 1, "", "W5"),
    Aim("W6: page of 50, p99", "W6", _ENGINES, "page of 50 p99", 15, "ms", "W6"),
    Aim("W6: the same embedded", "W6", _EMBEDDED, "page of 50 p99", 15, "ms", "W6"),
    Aim(
        "W8: healthy p99 beside stalled readers",
        "W8",
        _ENGINES,
        "healthy p99 beside stalled readers, times that without",
        1.1,
        "x",
        "W8",
    ),
)


def figure_of(summary: Summary, aim: Aim, product: str) -> Figure | None:
    """The aim's number of a product; `*` at the end of a workload takes the last of its kind."""
    workloads = [aim.workload]
    if aim.workload.endswith("*"):
        workloads = summary.workloads(aim.workload.removesuffix("*"))[::-1]
    return next((found for each in workloads if (found := summary.figure(each, product, aim.metric)) is not None), None)

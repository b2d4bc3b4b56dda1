"""What the project has promised itself, and what limits it where it is missed."""

from dataclasses import dataclass
from typing import Final

from e2e.bench.results.spread import Path, Spread
from e2e.bench.results.summary import Figure, Summary

_EMBEDDED: Final = "Parley on SQLite"
_ENGINES: Final = "Parley on Kafka and Cassandra"


_JAVA: Final = (
    "All engines, all roles and the generator share the cores, and nothing is batched at this rate: a message "
    "waits for a core at each of its hops. [Performance](performance.md#what-a-message-waited-for) tells what was "
    "tried and what it brought. Engines on machines of their own lift it."
)
_STORM: Final = (
    "At 200 messages a second the servers take most of both cores before anybody comes back, as their CPU of a message "
    "in the calm shows; the handshakes of the storm want the same cores. Tried: resumes that missed nothing read the "
    "cache in place of the store; resumes take turns."
)
_PAGES: Final = (
    "More than half of the limit is the p50 already: a page is several turns to the store, which waits for the same "
    "cores. [Performance](performance.md#what-a-message-waited-for) tells what was tried. Embedded the same page is "
    "within the target."
)
_STALLED: Final = (
    "On engines the ratio differs between rounds by more than the target leaves, as its spread shows: at this "
    "load the machine has hardly a free moment, and stalled readers cannot be told from chance. Embedded, where "
    "it has, shows what stalled readers themselves do."
)
_ONE_PROCESS: Final = (
    "All roles are one process whose event loop has one core, beside the generator on the same machine; what a message "
    "takes of it is the limit, and its waits are those for the core and for a flush of the disk. "
    "[Performance](performance.md#all-roles-in-one-process-parley-dev) tells what was tried, and that two cores carry "
    "5,000 messages a second and more while nothing else wants them."
)
_ONE_PROCESS_PAGES: Final = (
    "A page is one read of SQLite on a thread that shares the interpreter with everything else in the process. "
    "[Performance](performance.md#memory-history-groups) tells what a page takes on a calm machine."
)
_SOCKETS: Final = (
    "What the process holds for a socket is Python's objects of its session and of the server's protocol. "
    "[Performance](performance.md#memory-history-groups) tells what 10,000 of them take; with few of them the memory "
    "of the process itself counts."
)
_CACHE: Final = (
    "A resume reads the store when something was missed, or when Redis lost what it keeps of a conversation. Tried: "
    "heads and lists of conversations are cached, and whoever missed nothing costs no read."
)


@dataclass(frozen=True, slots=True)
class Aim:
    """A number that is to be at most `limit`, or at least when `more` is better; `limits` is told when it is missed.

    With `costs` the page shows beside it what a message cost each process in that workload; `*` in it stands for the
    one that was measured.
    """

    what: str
    workload: str
    product: str
    metric: str
    limit: float
    unit: str
    limits: str
    costs: str = ""
    more: bool = False

    def met(self, value: float) -> bool:
        """Whether the value keeps it."""
        return value >= self.limit if self.more else value <= self.limit

    def judged(self, figure: Figure, spread: Spread | None) -> str:
        """`met` or `missed`, and whether another run, as far away as is stated, may come out otherwise."""
        met = self.met(figure.median)
        said = "met" if met else "missed"
        ends = (figure.median,) if spread is None else spread.around(figure.median)
        return said if all(self.met(end) == met for end in ends) else f"{said}, within its spread"


_RATE = "largest rate with p99 <= 300 ms"
_LAST = "to the last member p99"
_MEMORY = "memory of each in the front process"
_OTHERS = "others' p99, times that of the calm"
_READS = "store reads per 100 resumes"
_HEALTHY = "healthy p99 beside stalled readers, times that without"
AIMS: Final = (
    Aim(
        "W1: 200 messages a second, delivered p99",
        "W1 200/s",
        _ENGINES,
        "delivered p99",
        25,
        "ms",
        limits=_JAVA,
        costs="W1 200/s",
    ),
    Aim(
        "W1: the same embedded",
        "W1 200/s",
        _EMBEDDED,
        "delivered p99",
        25,
        "ms",
        limits=_ONE_PROCESS,
        costs="W1 200/s",
    ),
    Aim(
        "W2: durable messages a second, embedded",
        "W2",
        _EMBEDDED,
        _RATE,
        5_000,
        "/s",
        more=True,
        limits=_ONE_PROCESS,
        costs="W2 16 each",
    ),
    Aim("W3: group of 500, p99 to the last member", "W3", _ENGINES, _LAST, 150, "ms", limits=_JAVA, costs="W3"),
    Aim("W3: the same embedded", "W3", _EMBEDDED, _LAST, 150, "ms", limits=_ONE_PROCESS, costs="W3"),
    Aim("W4: memory of an idle connection", "W4 *", _ENGINES, _MEMORY, 16, "KiB", limits=_SOCKETS),
    Aim("W4: the same embedded, all roles in the process", "W4 *", _EMBEDDED, _MEMORY, 16, "KiB", limits=_SOCKETS),
    Aim("W5: all are back", "W5 *", _ENGINES, "all back after", 60, "s", limits=_STORM, costs="* calm"),
    Aim("W5: others' p99 in the storm", "W5 *", _ENGINES, _OTHERS, 2, "x", limits=_STORM, costs="* calm"),
    Aim("W5: store reads per 100 resumes", "W5 *", _ENGINES, _READS, 1, "", limits=_CACHE),
    Aim("W6: page of 50, p99", "W6", _ENGINES, "page of 50 p99", 15, "ms", limits=_PAGES),
    Aim("W6: the same embedded", "W6", _EMBEDDED, "page of 50 p99", 15, "ms", limits=_ONE_PROCESS_PAGES),
    Aim("W8: healthy p99 beside stalled readers", "W8", _ENGINES, _HEALTHY, 1.1, "x", limits=_STALLED),
    Aim("W8: the same embedded", "W8", _EMBEDDED, _HEALTHY, 1.1, "x", limits=_STALLED),
)


def path_of(summary: Summary, aim: Aim, product: str, best: str = "") -> Path | None:
    """The aim's number of a product; `*` at the end of a workload takes `best`, or else the last of its kind."""
    workloads = [aim.workload]
    if aim.workload.endswith("*"):
        workloads = [best, *summary.workloads(aim.workload.removesuffix("*"))[::-1]]
    return next((path for each in workloads if (path := (each, product, aim.metric)) in summary.figures), None)


def costs_of(summary: Summary, workload: str, product: str) -> str:
    """What a message cost each process, most first; empty when it was not measured."""
    prefix, suffix = "CPU of ", " per message"
    found = {
        metric.removeprefix(prefix).removesuffix(suffix): figure.median
        for (each, whose, metric), figure in summary.figures.items()
        if (each, whose) == (workload, product) and metric.startswith(prefix)
    }
    shown = [f"{name} {cost:,.0f}" for name, cost in sorted(found.items(), key=lambda item: -item[1]) if cost >= 1]
    return f"CPU of a message, us: {', '.join(shown)}; together {sum(found.values()):,.0f}." if shown else ""

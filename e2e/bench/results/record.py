"""What was measured, as rows and raw histograms that a file keeps."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

from e2e.bench.contract import Facts
from e2e.bench.generator.latencies import Latencies

KEPT_UP: Final = "kept up"
"""The metric that is 1 when a server was done soon after the last message was sent, and 0 when it fell behind."""

MESSAGES: Final = "messages"
"""The metric that counts those which a phase sent."""
TOOK: Final = "took, s"
"""What the environment calls the seconds of the whole run."""
ADDED: Final = "added, s"
"""The seconds of what was measured later and added to it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number. `workload` is W1 to W9 with what was varied, such as `W1 200/s`."""

    round: int
    workload: str
    product: str
    metric: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the numbers of a workload do not count, or why there are none."""

    round: int
    workload: str
    product: str
    why: str


@dataclass(slots=True)
class Record:
    """Everything of a run. `environment` is the machine and the versions that all products share."""

    environment: dict[str, str] = field(default_factory=dict)
    products: dict[str, Facts] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    histograms: dict[str, str] = field(default_factory=dict)
    """`workload|product|what` to HdrHistogram's text; those of several rounds are merged."""

    def keep(self, workload: str, product: str, what: str, latencies: Latencies) -> None:
        """Keep a histogram, together with that of earlier rounds."""
        name = f"{workload}|{product}|{what}"
        before = [Latencies(self.histograms[name])] if name in self.histograms else []
        self.histograms[name] = Latencies.merged([*before, latencies]).encoded()

    def add_time(self, seconds: float) -> None:
        """The run took so long; or, when one is here already, what is added to it."""
        name = ADDED if TOOK in self.environment else TOOK
        self.environment[name] = str(round(float(self.environment.get(name, 0)) + seconds))

    def write(self, file: Path) -> None:
        """Write the file, readable for people as well."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, file: Path) -> Self:
        """What `write` wrote."""
        held: Mapping[str, object] = json.loads(file.read_text())
        return cls(
            environment=dict(held["environment"]),  # type: ignore[call-overload]
            products={name: Facts(**facts) for name, facts in held["products"].items()},  # type: ignore[attr-defined]
            rows=[Row(**row) for row in held["rows"]],  # type: ignore[attr-defined]
            faults=[Fault(**fault) for fault in held["faults"]],  # type: ignore[attr-defined]
            histograms=dict(held["histograms"]),  # type: ignore[call-overload]
        )

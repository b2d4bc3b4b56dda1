"""What was measured, as the model takes it: rows of `docs/measurements/*.json`, each a number with its unit."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[2] / "docs" / "measurements"
SIMULATED: Final = FOLDER / "simulated.json"
CHECKED: Final = FOLDER / "checked.json"
RESULTS: Final = frozenset({SIMULATED.name, CHECKED.name})
"""What the simulations and the check wrote; no measurement of costs."""

_KEYS: Final = frozenset({"workload", "product", "metric", "value"})


class UnmeasuredError(LookupError):
    """Nobody has measured what the model needs."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number, and the file that it is from."""

    workload: str
    product: str
    metric: str
    value: float
    unit: str
    file: str


class Measurements:
    """All rows of a folder; a later file wins over an earlier one by name where both measured the same."""

    def __init__(self, rows: Mapping[tuple[str, str, str], Measurement]) -> None:
        """Hold these rows."""
        self._rows = rows

    @classmethod
    def read(cls, folder: Path = FOLDER) -> "Measurements":
        """Everything that is committed."""
        found: dict[tuple[str, str, str], Measurement] = {}
        for path in sorted(folder.glob("*.json")):
            if path.name not in RESULTS:
                for row in _rows(path):
                    found[row.product, row.workload, row.metric] = row
        return cls(found)

    def of(self, workload: str, metric: str, product: str = "parley") -> Measurement:
        """The measurement; raises UnmeasuredError that says what is missing."""
        try:
            return self._rows[product, workload, metric]
        except KeyError:
            text = f"{FOLDER.name} has no row for product {product!r}, workload {workload!r}, metric {metric!r}"
            raise UnmeasuredError(f"{text}: run what measures it, or correct the name") from None


def _rows(path: Path) -> Iterator[Measurement]:
    document: Any = json.loads(path.read_text())
    rows = document.get("rows", ()) if isinstance(document, dict) else document
    for row in rows:
        # Files of other benchmarks lie here as well, and may hold rows that say more or less than these.
        if row.keys() >= _KEYS and isinstance(row["value"], int | float):
            yield Measurement(
                row["workload"], row["product"], row["metric"], row["value"], row.get("unit", ""), path.name
            )

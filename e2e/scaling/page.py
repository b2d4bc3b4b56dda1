"""The page of the documentation: every number comes from the model, from a simulation, or from a measurement."""

import json
from pathlib import Path
from typing import Any, Final

from e2e.scaling import page_model, page_runs
from e2e.scaling.measurements import CHECKED, SIMULATED, Measurements
from e2e.scaling.tables import prose

PAGE: Final = Path(__file__).parents[2] / "docs" / "scaling.md"

_HEAD: Final = """# Scaling

Made by `make scaling`: from what was measured on one small machine to the load of the whole internet. The arithmetic is
that of [`parley-operator size`](sizing.md), the simulations are in `e2e/scaling/`, and every number that goes in is a
file in `docs/measurements/`. Nobody has run more than a few thousand connections yet.

Each number is one of these:

* **measured**: seen in a run; the file says on what
* **derived**: arithmetic on measured numbers and on figures of the code
* **simulated**: what the rules of the code do to derived numbers, with their real backoff, jitter, limits and deadlines
* **assumed**: nobody measured it; [the last section](#what-is-assumed) lists all of them
"""


def page() -> str:
    """The whole page."""
    measured = Measurements.read()
    simulated: dict[str, Any] = json.loads(SIMULATED.read_text())
    checked: dict[str, Any] = json.loads(CHECKED.read_text())
    parts = [
        _HEAD,
        page_model.costs(measured),
        page_model.columns(measured),
        page_model.limits(),
        page_runs.storms(simulated),
        page_runs.groups(simulated),
        page_runs.zones(simulated),
        page_runs.checked(checked, simulated),
        page_model.assumed(),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in map(prose, parts))

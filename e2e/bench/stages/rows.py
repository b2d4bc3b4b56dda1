"""The measurements as rows for the scaling model (`docs/measurements/`), beside the page for people."""

import json
import os
import platform as machine
import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from e2e.bench.stages.measure import Measured

_NUMBERED = re.compile(r"-\d+$")
"""A process is named after its role and a number; the model knows roles."""


def rows_document(measured: Sequence[Measured]) -> str:
    """Everything that was measured with a CPU time, in the form of `docs/measurements/`."""
    made_on = (
        f"{os.cpu_count()} cores, Python {machine.python_version()}, Parley {version('parley')},"
        f" {machine.system()} {machine.release()}"
    )
    document = {"made_by": "make bench-stages", "machine": made_on, "rows": list(_rows(measured))}
    return json.dumps(document, indent=2) + "\n"


def _rows(measured: Sequence[Measured]) -> Iterator[dict[str, Any]]:
    for one in measured:
        if not one.messages or one.name.endswith("a second"):
            continue  # a steady pace batches nothing: its cost is that of wake-ups, not of messages
        yield _row(one.name, "rate", round(one.rate), "messages/s")
        for process in one.cpu:
            yield _row(one.name, f"cpu {_NUMBERED.sub('', process)}", round(one.cost(process)), "us/message")


def _row(workload: str, metric: str, value: int, unit: str) -> dict[str, Any]:
    return {"workload": workload, "product": "parley", "metric": metric, "value": value, "unit": unit}

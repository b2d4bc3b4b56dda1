"""Writes the operator's `measured_costs.py` from the committed measurements: the model has no number of its own.

The operator's package reads no files of the documentation, hence a module of constants; a test keeps both in step.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from e2e.scaling.measurements import Measurements

TARGET: Final = Path(__file__).parents[2] / "operator" / "src" / "parley_operator" / "desired" / "measured_costs.py"
_TOGETHER: Final = "real servers, full load"
_COSTS: Final = (
    ("GATEWAY_US", "parley", _TOGETHER, "cpu gateway"),
    ("CHAT_US", "parley", _TOGETHER, "cpu chat"),
    ("SEQUENCER_US", "parley", _TOGETHER, "cpu sequencer"),
    ("FANOUT_US", "parley", _TOGETHER, "cpu fanout"),
    ("RECEIPTS_US", "parley", _TOGETHER, "cpu receipts"),
    ("BROKER_US", "parley", _TOGETHER, "cpu kafka"),
    ("STORE_US", "parley", _TOGETHER, "cpu cassandra"),
    ("REDIS_US", "parley", _TOGETHER, "cpu redis"),
    ("CONNECT_GATEWAY_US", "parley", "connect", "cpu gateway"),
    ("CONNECT_CHAT_US", "parley", "connect", "cpu chat"),
    ("CONNECT_STORE_US", "parley", "connect", "cpu cassandra"),
    ("CONNECT_REDIS_US", "parley", "connect", "cpu redis"),
    ("CONNECTION_MEMORY", "parley", "idle", "memory gateway"),
    ("REDIS_CONNECTION_BYTES", "redis", "registry", "connection"),
    ("REDIS_STREAM_ENTRY_BYTES", "redis", "registry", "stream entry"),
    ("REDIS_RECENT_KEY_BYTES", "redis", "registry", "recent key"),
)


def write() -> None:
    """Write the module."""
    TARGET.write_text(module_of(Measurements.read()))


def module_of(measurements: Measurements) -> str:
    """The module's text."""
    head = '"""What was measured: made by `make scaling` from docs/measurements/; change those instead."""\n'
    return head + "\nfrom typing import Final\n\n" + "\n".join(_lines(measurements))


def _lines(measurements: Measurements) -> Iterator[str]:
    for name, product, workload, metric in _COSTS:
        row = measurements.of(workload, metric, product)
        yield f'{name}: Final = {round(row.value):_}\n"""{metric}, {row.unit}; {row.file}: {workload}."""\n'

"""What processes use: CPU time and memory, of each with everything that it started."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from e2e.bench.products.process_family import family

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 11, 12, 13, 14


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU time since the start of each, with living and awaited children."""
    return {name: sum(_cpu(each) for each in family(pid)) for name, pid in pids.items()}


def resident_bytes(pid: int) -> int:
    """Memory of a process and its descendants, what they share counted once (PSS)."""
    return sum(_pss(each) for each in family(pid))


def spent(before: Mapping[str, float], after: Mapping[str, float], names: Iterable[str] | None = None) -> float:
    """CPU seconds between two looks, of these or of all."""
    return sum(after[name] - before[name] for name in (names or after))


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0  # it has ended; its parent's account has it
    return sum(int(fields[at]) for at in (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM)) / _TICKS


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

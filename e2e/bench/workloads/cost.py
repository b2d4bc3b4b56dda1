"""What processes use: CPU time and memory, of each with everything that it started."""

from collections.abc import Iterable, Mapping

from e2e.bench.products.process_family import family
from e2e.process_usage import cpu_seconds_with_children, proportional_bytes


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU time since the start of each, with living and awaited children."""
    return {name: sum(_cpu(each) for each in family(pid)) for name, pid in pids.items()}


def resident_bytes(pid: int) -> int:
    """Memory of a process and its descendants, what they share counted once (PSS)."""
    return sum(_memory(each) for each in family(pid))


def spent(before: Mapping[str, float], after: Mapping[str, float], names: Iterable[str] | None = None) -> float:
    """CPU seconds between two looks, of these or of all."""
    return sum(after[name] - before[name] for name in (names or after))


def _cpu(pid: int) -> float:
    try:
        return cpu_seconds_with_children(pid)
    except OSError:
        return 0.0  # it has ended; its parent's account has it


def _memory(pid: int) -> int:
    try:
        return proportional_bytes(pid)
    except OSError:
        return 0

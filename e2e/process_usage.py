"""What a process has used, as Linux accounts for it in /proc: seconds of processor, bytes of memory."""

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_OWN: Final = (11, 12)
_CHILDREN: Final = (13, 14)
"""Where `utime` and `stime`, and those of children that were waited for, stand in /proc/PID/stat behind the name."""


def cpu_seconds(pid: int) -> float:
    """Processor time of the process with all its threads; OSError when there is no such process."""
    return _seconds(pid, _OWN)


def cpu_seconds_with_children(pid: int) -> float:
    """The same with that of its children which ended and were waited for."""
    return _seconds(pid, _OWN + _CHILDREN)


def resident_bytes(pid: int) -> int:
    """Memory that the process has in RAM, what it shares with others included; OSError when there is none."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def proportional_bytes(pid: int) -> int:
    """The same with its share only of what several processes have (PSS): sums of it count nothing twice."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _seconds(pid: int, fields: tuple[int, ...]) -> float:
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return sum(int(stat[at]) for at in fields) / _TICKS

"""A process id that is kept in a file, and means only the process that it was written for."""

from pathlib import Path


def remember(pid: int, file: Path) -> None:
    """Write down a process that runs now."""
    file.write_text(f"{pid} {_began(pid)}")


def remembered(file: Path) -> int | None:
    """The process, if it still runs: a number that meanwhile belongs to another one is not ours."""
    try:
        number, began = file.read_text().split()
    except (OSError, ValueError):
        return None
    return int(number) if _began(int(number)) == began else None


def _began(pid: int) -> str:
    """When a process began, in ticks since the machine did; empty for one that is no more but for its name."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]

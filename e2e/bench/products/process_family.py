"""A process with all that it started: engines that fork a process for each connection are measured whole."""

from pathlib import Path


def family(pid: int) -> tuple[int, ...]:
    """The process and its living descendants; empty when it runs no more.

    What a dead child used is in its parent's account already, as `cutime` and `cstime` of /proc/PID/stat, once the
    parent has waited for it.
    """
    found: list[int] = []
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        children = _children(each)
        if children is None:
            continue
        found.append(each)
        waiting += children
    return tuple(found)


def _children(pid: int) -> list[int] | None:
    """None when there is no such process."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return None
    children: list[int] = []
    for thread in threads:
        try:
            children += map(int, (thread / "children").read_text().split())
        except OSError:
            continue  # this thread has ended
    return children

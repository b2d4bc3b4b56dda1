"""Tables and durations as kubectl writes them; pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

_GAP: Final = "  "
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines with aligned columns; what is None is shown as a dash."""
    cells = [list(header), *([_text(each) for each in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _text(value: object) -> str:
    return "-" if value is None or value == "" else " ".join(str(value).split("\n"))


def age(since: str | None, now: dt.datetime) -> str:
    """How long ago a time of the API server is: 40s, 12m, 3h, 5d."""
    try:
        seconds = int((now - dt.datetime.fromisoformat(since or "")).total_seconds())
    except (ValueError, TypeError):
        return "unknown"
    return duration(seconds)


def duration(seconds: int) -> str:
    """A time that passed, in its largest units."""
    seconds = max(0, seconds)
    if seconds < 2 * _MINUTE:
        return f"{seconds}s"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE}m"
    return f"{seconds // _HOUR}h" if seconds < 2 * _DAY else f"{seconds // _DAY}d"

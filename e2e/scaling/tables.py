"""Tables and units as the page shows them."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

_WIDTH: Final = 120
_STAY: Final = ("|", "#", "!", "* ")
_STEP: Final = 1_000
_UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB")
_HUNDRED: Final = 100
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def bytes_of(count: float) -> str:
    """Bytes in powers of a thousand, as networks and disks are sold."""
    value, unit = float(count), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    return f"{value:.{0 if value >= _HUNDRED or not unit else 1}f} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    for size, name in ((_DAY_S, "days"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"


def prose(text: str) -> str:
    """Fill the paragraphs, as their numbers have lengths of their own; tables, lists and headings stay."""
    return "\n\n".join(_filled(block) for block in text.split("\n\n"))


def _filled(block: str) -> str:
    if not block or block.lstrip().startswith(_STAY):
        return block
    lines = block.split("\n")
    begin = next((number for number, line in enumerate(lines) if line.startswith(_STAY)), len(lines))
    filled = textwrap.fill(" ".join(lines[:begin]), _WIDTH, break_long_words=False, break_on_hyphens=False)
    rest = "\n".join(lines[begin:])
    return f"{filled}\n{rest}" if rest else filled

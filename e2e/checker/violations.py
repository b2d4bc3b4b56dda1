"""What a violation is."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What went wrong."""

    LOST = "lost"
    DOUBLED = "doubled"
    SWAPPED = "swapped"
    HOLE = "hole"
    MARK = "wrong watermark"
    LEAK = "membership leak"
    UNKNOWN = "out of nowhere"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise, with what shows it."""

    kind: Kind
    detail: str

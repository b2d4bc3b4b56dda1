"""The loads of the page: the one that the platform is designed for, and smaller ones of the same mix."""

from dataclasses import dataclass
from typing import Final

from parley_operator.desired.capacity import Load

DAILY_USERS: Final = 500_000_000
MESSAGES_EACH: Final = 40
"""Assumed, each day. With an average of a third of the peak it makes 700,000 messages a second."""

HISTORY_BYTES: Final = 11 * 10**15
DAY_S: Final = 86_400
TEXT_BYTES: Final = 50
AVERAGE_PERCENT: Final = 33
HISTORY_DAYS: Final = 5 * 365


@dataclass(frozen=True, slots=True)
class Column:
    """A load with the name under which the page shows it."""

    name: str
    load: Load


def load_of(connections: int, messages_per_second: int) -> Load:
    """A load of this mix: talks between two, short texts, five years of history."""
    return Load(
        connections,
        messages_per_second,
        text_bytes=TEXT_BYTES,
        average_percent=AVERAGE_PERCENT,
        retention_days=HISTORY_DAYS,
    )


WHOLE: Final = load_of(100_000_000, 700_000)
COLUMNS: Final = (
    Column("10 K", load_of(10_000, 70)),
    Column("1 M", load_of(1_000_000, 7_000)),
    Column("10 M", load_of(10_000_000, 70_000)),
    Column("100 M", WHOLE),
)
"""The laptop is not among them: `parley dev` is one process, and no ChatCluster."""

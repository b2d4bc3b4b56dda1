"""How much of everything: the reduced form runs in ten minutes, the full one in about an hour."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scale:
    """Seconds, rates and numbers of people of all workloads."""

    rounds: int
    warm_s: float
    pace_s: float
    rates: tuple[int, ...]
    flood_s: float
    under_way: tuple[int, ...]
    """Messages of each pair that are under way in the closed loop."""
    group_s: float
    idle: tuple[int, ...]
    idle_s: float
    storm: int
    history: int
    page_s: float
    growth: bool
    pairs: int = 64
    members: int = 500
    """Of the group that is measured; a fifth of them are in a smaller one as well."""


REDUCED: Final = Scale(
    rounds=2,
    warm_s=8,
    pace_s=5,
    rates=(50, 200),
    flood_s=4,
    under_way=(1, 4, 16),
    group_s=5,
    idle=(2_000,),
    idle_s=3,
    storm=1_000,
    history=1_000,
    page_s=3,
    growth=False,
)
FULL: Final = Scale(
    rounds=3,
    warm_s=20,
    pace_s=20,
    rates=(50, 200, 1_000),
    flood_s=15,
    under_way=(1, 2, 4, 8, 16, 32),
    group_s=20,
    idle=(10_000, 15_000),
    idle_s=20,
    storm=5_000,
    history=10_000,
    page_s=15,
    growth=True,
)
STALLED: Final = 5
GROUP_RATE: Final = 20.0
PAGE: Final = 50

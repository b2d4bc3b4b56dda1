"""How much of everything: the reduced form takes 10 minutes, the full one hours."""

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
    turns: int
    """How often healthy readers are measured with and without stalled ones."""
    idle: tuple[int, ...]
    idle_s: float
    storm: int
    history: int
    page_s: float
    pairs: int = 64
    members: int = 500
    """Of the group that is measured; a fifth of them are in a smaller one as well."""
    generous: int = 1
    """How many times the most that it is given in the reduced form a product gets, see `contract.Most`."""

    def given(self, wanted: int, most: int | None) -> int:
        """What is wanted, or as much of it as a product is given."""
        return wanted if most is None else min(wanted, most * self.generous)


REDUCED: Final = Scale(
    rounds=2,
    warm_s=3,
    pace_s=2.5,
    rates=(50, 200),
    flood_s=2,
    under_way=(4, 16),
    group_s=2,
    turns=1,
    idle=(1_000,),
    idle_s=1.5,
    storm=500,
    history=1_000,
    page_s=2,
)
FULL: Final = Scale(
    rounds=3,
    warm_s=20,
    pace_s=20,
    rates=(50, 200, 1_000),
    flood_s=15,
    under_way=(1, 2, 4, 8, 16, 32),
    group_s=20,
    turns=2,
    idle=(10_000, 15_000),
    idle_s=20,
    storm=5_000,
    history=10_000,
    page_s=15,
    generous=5,
)
STALLED: Final = 5
GROUP_RATE: Final = 20.0
PAGE: Final = 50

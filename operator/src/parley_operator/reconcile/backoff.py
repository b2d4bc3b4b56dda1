"""How long to wait before the next attempt: doubling, with jitter, and bounded."""

from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 300.0
JITTER: Final = 0.2
_DOUBLINGS: Final = 20


def delay_s(failures: int, chance: float, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> float:
    """Seconds to wait after so many failures in a row; `chance` is from 0 to 1 and spreads those who wait together."""
    plain = min(longest_s, first_s * 2.0 ** min(max(0, failures - 1), _DOUBLINGS))
    return plain * (1 - JITTER + 2 * JITTER * chance)

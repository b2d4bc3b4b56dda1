"""How long a caller still waits, as it travels with his request.

A duration and not a moment, because clocks differ: the receiver counts from when the request reached him, so that what
it spent on its way is a gift of at most a network's delay.
"""

from typing import Final

TIME_LEFT_HEADER: Final = "Parley-Time-Left-Ms"


def written(seconds: float) -> str:
    """The header's value; nothing is left of a negative duration."""
    return str(max(0, int(seconds * 1_000)))


def read(value: str | None) -> float | None:
    """Seconds, or None where the caller said nothing that can be understood: then he waits as long as it takes."""
    if value is None or not (value.isascii() and value.isdigit()):
        return None
    return int(value) / 1_000

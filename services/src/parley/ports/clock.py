"""Time, as something that is handed in."""

from typing import Protocol


class Clock(Protocol):
    """Wall clock for what people read and for leases; monotonic for durations."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        ...

"""A circuit breaker: after failures in a row it lets nothing through for a while, then one attempt."""

from dataclasses import dataclass
from typing import Final

THRESHOLD: Final = 5
OPEN_S: Final = 60.0


@dataclass(slots=True)
class Breaker:
    """Counts the failures of one endpoint; the clock is handed in."""

    failures: int = 0
    opened_at: float | None = None
    error: str = ""

    def allows(self, now: float) -> bool:
        """Whether an attempt may be made now."""
        return self.opened_at is None or now - self.opened_at >= OPEN_S

    def claim(self, now: float) -> None:
        """The attempt that `allows` let through begins: others wait for how it ends."""
        if self.opened_at is not None:
            self.opened_at = now

    def succeeded(self) -> None:
        """It answers: close."""
        self.failures = 0
        self.opened_at = None
        self.error = ""

    def failed(self, now: float, error: str = "") -> None:
        """It does not: open after enough of these, and anew after a failed single attempt."""
        self.failures += 1
        self.error = error
        if self.failures >= THRESHOLD:
            self.opened_at = now

    @property
    def open(self) -> bool:
        """Whether it keeps attempts back."""
        return self.opened_at is not None

"""A circuit breaker: after failures in a row it lets nothing through for a while, then one attempt."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

THRESHOLD: Final = 5
OPEN_S: Final = 60.0


@dataclass(slots=True)
class Breaker:
    """Counts the failures of one endpoint; the clock is handed in.

    While it is open one of those who share it, the prober, asks again; the others wait to hear how that ended.
    """

    failures: int = 0
    opened_at: float | None = None
    error: str = ""
    prober: object | None = None
    _waiting: dict[int, Callable[[], None]] = field(default_factory=dict)

    def may_wait(self, who: object, changed: Callable[[], None]) -> bool:
        """Whether somebody else asks again, so that `who` need not come back: `changed` is called when it answers."""
        if self.prober is None:
            self.prober = who
        if self.prober is who:
            return False
        self._waiting[id(who)] = changed
        return True

    def leave(self, who: object) -> None:
        """`who` is gone: if all counted on it, they must look for themselves."""
        self._waiting.pop(id(who), None)
        if self.prober is who:
            self._wake()

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
        self._wake()

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

    def _wake(self) -> None:
        self.prober = None
        waiting, self._waiting = self._waiting, {}
        for changed in waiting.values():
            changed()

"""The rate limit of the HTTP API, per user and process."""

from typing import Final

from parley.domain.allowance import Allowance
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.limits import Limits
from parley.ports.clock import Clock

_SWEEP_AT: Final = 10_000


class Rates:
    """An allowance per user who asked lately; those who rested are forgotten."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        """Begin with nobody."""
        self._limits = limits
        self._clock = clock
        self._allowances: dict[str, Allowance] = {}

    def admit(self, user: str) -> int:
        """Count one request and return when it came, in ms; raises RATE_LIMITED with the time until the next passes."""
        now = self._clock.monotonic()
        if len(self._allowances) >= _SWEEP_AT:
            self._allowances = {name: held for name, held in self._allowances.items() if not held.rested(now)}
        allowance = self._allowances.get(user)
        if allowance is None:
            allowance = self._allowances[user] = Allowance(self._limits, now)
        ruling = allowance.request(now)
        if ruling.allowed:
            return self._clock.now_ms()
        rate = self._limits.sends_per_second
        text = f"more than {rate:g} requests per second; try again in {ruling.after_ms} ms"
        raise ParleyError(ErrorCode.RATE_LIMITED, text, after_ms=ruling.after_ms or 1000)

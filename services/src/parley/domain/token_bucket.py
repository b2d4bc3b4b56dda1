"""A rate with a burst, as arithmetic on a time that is handed in."""


class TokenBucket:
    """Holds at most `burst` tokens and gains `rate` of them per second; begins full.

    Nothing runs in the background: a bucket that is not asked costs nothing. Times are seconds of any clock that
    only goes forward.
    """

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        """Begin full at `now`."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float, cost: float = 1.0) -> float:
        """Take `cost` tokens and return 0.0, or take none and return the seconds until they will be there."""
        self._refill(now)
        if self._tokens >= cost:
            self._tokens -= cost
            return 0.0
        return (cost - self._tokens) / self._rate

    def full(self, now: float) -> bool:
        """Tell whether a bucket begun at `now` would be the same as this one."""
        self._refill(now)
        return self._tokens >= self._burst

    def _refill(self, now: float) -> None:
        if now > self._at:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
            self._at = now

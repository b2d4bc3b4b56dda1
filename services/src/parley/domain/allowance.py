"""How much one user may ask for, over all his connections to one gateway."""

import math
from dataclasses import dataclass
from typing import Final

from parley.domain.limits import Limits
from parley.domain.token_bucket import TokenBucket

SIGNAL_COST: Final = 0.1
"""A frame that no other service has to answer costs a tenth of a request."""

PATIENCE_BURSTS: Final = 10
"""Ten bursts of requests refused within a short time are a flood, not an eager client."""

_TYPING_PER_SECOND: Final = 2.0
_TYPING_BURST: Final = 10


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a frame passes; if not, after how many milliseconds it would, or that it was one too many for good."""

    allowed: bool
    after_ms: int = 0
    flooding: bool = False


_ALLOWED: Final = Ruling(allowed=True)
_FLOODING: Final = Ruling(allowed=False, flooding=True)


class Allowance:
    """A bucket for requests, one for typing, and the patience with those who go on in spite of refusals."""

    __slots__ = ("_patience", "_requests", "_typing")

    def __init__(self, limits: Limits, now: float) -> None:
        """Begin with everything that the limits allow."""
        self._requests = TokenBucket(limits.sends_per_second, limits.sends_burst, now)
        self._typing = TokenBucket(_TYPING_PER_SECOND, _TYPING_BURST, now)
        self._patience = TokenBucket(limits.sends_per_second, PATIENCE_BURSTS * limits.sends_burst, now)

    def request(self, now: float) -> Ruling:
        """Judge a frame that another service answers."""
        return self._judge(self._requests.take(now), now)

    def signal(self, now: float) -> Ruling:
        """Judge a frame that the gateway handles alone: it always passes, until it is part of a flood."""
        ruling = self._judge(self._requests.take(now, SIGNAL_COST), now)
        return _FLOODING if ruling.flooding else _ALLOWED

    def typing(self, now: float) -> Ruling:
        """Judge a typing notice, which may be lost without harm."""
        return self._judge(self._typing.take(now), now)

    def rested(self, now: float) -> bool:
        """Tell whether forgetting this allowance would give nothing away."""
        return self._requests.full(now) and self._typing.full(now) and self._patience.full(now)

    def _judge(self, wait_s: float, now: float) -> Ruling:
        if wait_s == 0.0:
            return _ALLOWED
        if self._patience.take(now) > 0.0:
            return _FLOODING
        return Ruling(allowed=False, after_ms=math.ceil(wait_s * 1000))

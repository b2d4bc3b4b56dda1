"""What must be so before the next gateway is replaced: clients are back, and the new gateways do their work. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from parley_operator.external.pod_metrics import PodMetrics

RECONNECT_SHARE: Final = 0.8
RECONNECT_S: Final = 60.0
ERROR_SHARE: Final = 0.05
ERRORS_AT_LEAST: Final = 10
"""A few errors among few requests say nothing."""


def clients_back(before: int, now: int, waited_s: float, *, fresh: bool) -> str:
    """Most clients of the gateway that went are connected again, or that took too long; else what is missing.

    `fresh` says that `now` was counted after it went.
    """
    if waited_s > RECONNECT_S or (fresh and now >= before * RECONNECT_SHARE):
        return ""
    return f"waiting until clients are back: {now} of {before}"


def error_rate(newest: Iterable[str], now: Mapping[str, PodMetrics], earlier: Mapping[str, PodMetrics]) -> str:
    """The gateways of the newest revision answer few requests with a fault of ours; else how many.

    Counted between the last two readings, so that it ends with the trouble. A pod without an earlier reading, or that
    counts less than before, has begun since.
    """
    requests = faults = 0
    for name in newest:
        if name not in now:
            continue
        last, first = now[name], earlier.get(name, PodMetrics())
        began_since = last.requests < first.requests or last.faults < first.faults
        requests += last.requests - (0 if began_since else first.requests)
        faults += last.faults - (0 if began_since else first.faults)
    if faults < ERRORS_AT_LEAST or faults <= requests * ERROR_SHARE:
        return ""
    return f"waiting: new gateways answered {faults} of {requests} requests with errors; see their logs"

"""What a person can do about an error of the store."""

from collections.abc import Mapping, Sequence

from cassandra import (
    AuthenticationFailed,
    InvalidRequest,
    OperationTimedOut,
    ReadTimeout,
    Unavailable,
    UnresolvableContactPoints,
    WriteTimeout,
)
from cassandra.cluster import NoHostAvailable

from parley.domain.errors import ErrorCode, ParleyError


def unavailable(error: Exception, address: str) -> ParleyError:
    """Translate an error; of a write it is then unknown whether it was done, and doing it again changes nothing."""
    return ParleyError(ErrorCode.UNAVAILABLE, f"the store at {address} {_meaning(error)}")


def _unreachable(errors: Mapping[str, Exception] | Sequence[str]) -> str:
    """The driver tells either why each node failed, or which addresses the nodes announce and it cannot reach."""
    if not isinstance(errors, Mapping):
        announced = ", ".join(map(str, errors)) or "none"
        return (
            f"announces addresses that cannot be reached from here ({announced}): set its broadcast_rpc_address to one "
            "that its clients reach"
        )
    for cause in errors.values():
        if isinstance(cause, AuthenticationFailed):
            return f"refuses the user or password ({cause}): check PARLEY_STORE_USER and PARLEY_STORE_PASSWORD"
    causes = "; ".join(sorted({str(cause)[:120] for cause in errors.values()})) or "no host is known"
    return f"cannot be reached: check that its nodes run ({causes})"


def _meaning(error: Exception) -> str:  # noqa: PLR0911 - one return for each kind of error
    if isinstance(error, NoHostAvailable):
        return _unreachable(error.errors)
    if isinstance(error, UnresolvableContactPoints):
        return "has a name to which DNS gives no address: check PARLEY_STORE_URL, and that DNS answers"
    if isinstance(error, AuthenticationFailed):
        return f"refuses the user or password ({error}): check PARLEY_STORE_USER and PARLEY_STORE_PASSWORD"
    if isinstance(error, Unavailable):
        needed, alive = error.required_replicas, error.alive_replicas
        return f"has {alive} of the {needed} replicas that a quorum needs: bring nodes back"
    if isinstance(error, ReadTimeout | WriteTimeout | OperationTimedOut):
        return "did not answer in time: look at its load, and at the nodes that are down"
    if isinstance(error, InvalidRequest) and ("does not exist" in str(error) or "unconfigured table" in str(error)):
        return f"lacks a part of the schema ({error}): run `parley schema apply`"
    return f"refused a request: {type(error).__name__}: {error}"

"""What a person can do about an error of the store."""

from cassandra import AuthenticationFailed, InvalidRequest, OperationTimedOut, ReadTimeout, Unavailable, WriteTimeout
from cassandra.cluster import NoHostAvailable

from parley.domain.errors import ErrorCode, ParleyError


def unavailable(error: Exception, address: str) -> ParleyError:
    """Translate an error; of a write it is then unknown whether it was done, and doing it again changes nothing."""
    return ParleyError(ErrorCode.UNAVAILABLE, f"the store at {address} {_meaning(error)}")


def _meaning(error: Exception) -> str:  # noqa: PLR0911 - one per kind of error
    if isinstance(error, NoHostAvailable):
        for cause in error.errors.values():
            if isinstance(cause, AuthenticationFailed):
                return f"refuses the user or password ({cause}): check PARLEY_STORE_USER and PARLEY_STORE_PASSWORD"
        causes = "; ".join(sorted({str(cause)[:120] for cause in error.errors.values()})) or "no host is known"
        return f"cannot be reached: check that its nodes run ({causes})"
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

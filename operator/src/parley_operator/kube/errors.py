"""What the API server can answer but success."""

from typing import Any

_PERMANENT = frozenset({400, 403, 404, 405, 415, 422})
_SCHEMA_MISMATCH = "failed to create typed patch object"


class KubeError(Exception):
    """A call that failed. `status` is 0 when there was no answer."""

    def __init__(self, status: int, call: str, message: str, retry_after_s: float | None = None) -> None:
        """Say which call failed, and what the server answered."""
        super().__init__(f"{call}: {message}" + (f" ({status})" if status else ""))
        self.status = status
        self.call = call
        self.message = message
        self.retry_after_s = retry_after_s

    @property
    def permanent(self) -> bool:
        """Whether the same call would fail again; an unknown field in an apply is answered with a 500."""
        return self.status in _PERMANENT or (self.status == 500 and _SCHEMA_MISMATCH in self.message)  # noqa: PLR2004

    @property
    def namespace_terminating(self) -> bool:
        """Whether the namespace goes away, and takes nothing new."""
        return self.status == 403 and "being terminated" in self.message  # noqa: PLR2004


class NotFound(KubeError):  # noqa: N818 - the field's name for it
    """The object is not there."""


class Conflict(KubeError):  # noqa: N818
    """Somebody else was quicker, or the object exists already."""


class TooMany(KubeError):  # noqa: N818
    """Not now: a budget for disruptions, or the server's own limits."""


_UNPROCESSABLE = 422
_CLASSES = {404: NotFound, 409: Conflict, 429: TooMany}


def error_of(status: int, call: str, answer: dict[str, Any], retry_after: str | None) -> KubeError:
    """The error that an answer means."""
    message = answer.get("message") or answer.get("reason") or "no reason was given"
    causes = (answer.get("details") or {}).get("causes") or []
    fields = ", ".join(cause["field"] for cause in causes if cause.get("field") and cause["field"] not in message)
    if fields:
        message = f"{message} [{fields}]"
    wait = float(retry_after) if retry_after and retry_after.isdigit() else None
    return _CLASSES.get(status, KubeError)(status, call, message, wait)


def patch_error_of(status: int, call: str, answer: dict[str, Any], retry_after: str | None) -> KubeError:
    """The error that an answer to a JSON patch means.

    A patch whose `test` fails, or whose path is gone, is answered with a 422 that names no field: the object is another
    one than was read. One that would make the object invalid names its fields.
    """
    error = error_of(status, call, answer, retry_after)
    if status == _UNPROCESSABLE and not (answer.get("details") or {}).get("causes"):
        return Conflict(status, call, f"the object is not as it was read: {error.message}", error.retry_after_s)
    return error

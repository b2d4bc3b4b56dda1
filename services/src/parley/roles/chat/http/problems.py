"""Refusals as application/problem+json (RFC 9457), with the same stable codes as on the socket."""

import math
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

from parley.domain.errors import ERRORS, ErrorCode, ParleyError

PROBLEM_TYPE: Final = "application/problem+json"
PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Answers are one user's: nobody on the way keeps them, and no browser takes them for a page."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A refusal. `type` is about:blank: the code says all that the HTTP status does not."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    field: str | None = None
    after_ms: int | None = None


def problem_response(error: ParleyError) -> Response:
    """Answer with a refusal; 429 and 503 say when to try again, 401 which credentials are wanted."""
    kind = ERRORS[error.code]
    status = HTTPStatus(kind.http_status)
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=error.message,
        code=error.code,
        retryable=kind.retryable,
        field=error.field,
        after_ms=error.after_ms,
    )
    headers = dict(PRIVATE)
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        headers["Retry-After"] = str(max(1, math.ceil((error.after_ms or 1000) / 1000)))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(problem), status, headers, PROBLEM_TYPE)


def method_problem(path: str, method: str, allowed: str) -> Response:
    """Answer a method that a path does not take; names those that it takes."""
    text = f"{path[:200]} does not take {method}; allowed: {allowed}"
    problem = problem_response(ParleyError(ErrorCode.METHOD_NOT_ALLOWED, text))
    problem.headers["Allow"] = allowed
    return problem


def not_found(path: str) -> ParleyError:
    """The refusal of a path that leads nowhere."""
    return ParleyError(ErrorCode.NOT_FOUND, f"there is nothing at {path[:200]}; the API is described at /docs")

"""Who may open a socket here: the path, the query, the origin and the encoding, judged before the upgrade."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from parley.contract import SOCKET_PATH
from parley.domain.errors import ERRORS, ErrorCode, ParleyError
from parley.protocol.codec import CODECS, JSON, Codec
from parley.runtime.health import Health

_TOKEN_PARAMETERS: Final = ("token", "access_token")
_PORTS: Final = {"http": 80, "https": 443}


class Handshake:
    """Answers health paths, refuses what may not connect with a problem document, and chooses the encoding."""

    def __init__(self, health: Health, allowed_origins: Sequence[str]) -> None:
        """Allow these origins, besides pages that this very host served; `*` allows all."""
        self._health = health
        self._allowed_origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)

    async def process_request(self, connection: ServerConnection, request: Request) -> Response | None:  # noqa: ARG002 - the library's signature
        """Give the answer instead of an upgrade, or None to go on."""
        url = urlsplit(request.path)
        answer = await self._health.answer(url.path)
        if answer is not None:
            return _response(answer.status, answer.content_type, answer.body)
        try:
            self._check(url.path, url.query, request.headers)
        except ParleyError as error:
            return _problem(error)
        return None

    def select_subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:  # noqa: ARG002 - the library's signature
        """Take the first known encoding that the client names."""
        return next((name for name in offered if name in CODECS), None)

    def _check(self, path: str, query: str, headers: Headers) -> None:
        if path != SOCKET_PATH:
            raise ParleyError(ErrorCode.NOT_FOUND, f"nothing is at {path[:80]!r} here; the socket is at {SOCKET_PATH}")
        named = [name for name in _TOKEN_PARAMETERS if name in parse_qs(query, keep_blank_values=True)]
        if named:
            message = f"{named[0]} stands in the query, where proxies log it; send the token in the hello frame"
            raise ParleyError(ErrorCode.INVALID_FIELD, message, field=named[0])
        self._check_origin(headers)
        offered = [name.strip() for line in headers.get_all("Sec-WebSocket-Protocol") for name in line.split(",")]
        if offered and not any(name in CODECS for name in offered):
            message = f"no known subprotocol in {', '.join(offered)[:200]!r}; known are {', '.join(CODECS)}"
            raise ParleyError(ErrorCode.INVALID_FIELD, message, field="Sec-WebSocket-Protocol")

    def _check_origin(self, headers: Headers) -> None:
        """Only browsers send an origin; whoever sends none is not led here by a foreign page."""
        origins = headers.get_all("Origin")
        if not origins or "*" in self._allowed_origins:
            return
        hosts = headers.get_all("Host")
        for origin in origins:
            allowed = origin.rstrip("/").lower() in self._allowed_origins
            if not allowed and not (len(hosts) == 1 and _same_host(origin, hosts[0])):
                message = f"pages of {origin[:200]!r} may not connect; PARLEY_ALLOWED_ORIGINS names those that may"
                raise ParleyError(ErrorCode.ORIGIN_FORBIDDEN, message, field="Origin")


def codec_of(connection: ServerConnection) -> Codec:
    """The encoding that the handshake agreed on; JSON for a client that named none."""
    return CODECS.get(connection.subprotocol or "", JSON)


def _same_host(origin: str, host: str) -> bool:
    """Compare with the default port filled in; a proxy that ends TLS hides the scheme from us, not from the page."""
    try:
        page, here = urlsplit(origin.lower()), urlsplit(f"//{host.lower()}")
        default = _PORTS.get(page.scheme)
        same_port = (page.port or default) == (here.port or default)
    except ValueError:
        return False
    return bool(page.hostname) and page.hostname == here.hostname and same_port


def _problem(error: ParleyError) -> Response:
    kind = ERRORS[error.code]
    body = {
        "type": "about:blank",
        "title": kind.meaning,
        "status": kind.http_status,
        "code": str(error.code),
        "detail": error.message,
    }
    if error.field is not None:
        body["field"] = error.field
    return _response(kind.http_status, "application/problem+json", json.dumps(body).encode())


def _response(status: int, content_type: str, body: bytes) -> Response:
    headers = Headers()
    headers["Connection"] = "close"
    headers["Content-Type"] = content_type
    headers["Content-Length"] = str(len(body))
    return Response(status, HTTPStatus(status).phrase, headers, body)

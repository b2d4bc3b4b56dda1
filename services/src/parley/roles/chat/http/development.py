"""Tokens for everybody who asks: only where a person tries the platform out, and never without saying so."""

from collections.abc import Callable
from typing import Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_name
from parley.roles.chat.http.bodies import MintedToken, TokenRequest
from parley.roles.chat.http.problems import problem_response

WARNING: Final = "development mode: everybody who reaches this server can be anybody"
_BODY_BYTES: Final = 4096
_log = structlog.get_logger("parley.http")


class TokenMint:
    """Answers POST {"user": NAME} with a token of that user, and GET with the warning, for a page to know it."""

    def __init__(self, mint: Callable[[str], str]) -> None:
        """`mint` signs a token for a user."""
        self._mint = mint

    async def serve(self, request: Request) -> Response:
        """Mint a token, with the warning in header, body and log."""
        if request.method != "POST":
            return Response(msgspec.json.encode({"warning": WARNING}), media_type="application/json")
        try:
            user = await _user(request)
            token = self._mint(user)
        except ParleyError as error:
            return problem_response(error)
        _log.warning("development token minted", user=user, warning=WARNING)
        body = msgspec.json.encode(MintedToken(token=token, warning=WARNING))
        return Response(body, headers={"X-Parley-Warning": WARNING}, media_type="application/json")


async def _user(request: Request) -> str:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > _BODY_BYTES:
            raise ParleyError(ErrorCode.CONTENT_TOO_LARGE, f"the body has more than {_BODY_BYTES} bytes")
    try:
        asked = msgspec.json.decode(bytes(data), type=TokenRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = f'the body is not {{"user": NAME}}: {error}'
        raise ParleyError(ErrorCode.INVALID_FRAME, text) from None
    return check_name(asked.user, "user")

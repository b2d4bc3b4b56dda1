"""One operation as an endpoint: authenticate, limit, decode, ask the Chat Service, answer."""

import secrets
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_key
from parley.ports.chat import Chat
from parley.ports.tokens import TokenVerifier
from parley.protocol.calls import Call
from parley.protocol.client_frames import CHANGES
from parley.protocol.server_frames import AnyServerFrame, ErrorFrame
from parley.roles.chat.http.bodies import Body, ChangeBody
from parley.roles.chat.http.operations import Inputs, Operation
from parley.roles.chat.http.problems import PRIVATE, problem_response
from parley.roles.chat.http.rate import Rates
from parley.runtime import metrics, tracing

_DEVICE: Final = "http"
_SCHEME: Final = "bearer "
_JSON: Final = "application/json"


class Endpoint:
    """Serves one operation; everything that goes wrong becomes a problem with its code."""

    def __init__(self, operation: Operation, chat: Chat, tokens: TokenVerifier, rates: Rates, body_bytes: int) -> None:
        """`rates` is shared by all operations: the limit is per user."""
        self._operation = operation
        self._chat = chat
        self._tokens = tokens
        self._rates = rates
        self._body_bytes = body_bytes
        self._decoder = msgspec.json.Decoder(operation.body) if operation.body else None

    async def serve(self, request: Request) -> Response:
        """Answer a request."""
        try:
            response = await self._answer(request)
        except ParleyError as error:
            response = problem_response(error)
        metrics.HTTP_REQUESTS.labels(self._operation.name, str(response.status_code)).inc()
        return response

    async def _answer(self, request: Request) -> Response:
        user = await self._authenticate(request)
        asked_at = self._rates.admit(user)
        body = await self._body(request)
        key = check_key(self._key(request, body))
        inputs = Inputs(request.path_params, request.query_params, user, key)
        call = Call(user, _DEVICE, self._operation.frame(inputs, body), secrets.token_hex(8), asked_at)
        reply = await self._ask(call)
        if isinstance(reply, ErrorFrame):
            raise ParleyError(ErrorCode(reply.code), reply.message, field=reply.field, after_ms=reply.after_ms)
        if reply is None or self._operation.answer is None:
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=PRIVATE)
        answer = msgspec.json.encode(_without_envelope(reply))
        return Response(answer, self._operation.status, PRIVATE, _JSON)

    async def _ask(self, call: Call) -> AnyServerFrame | None:
        """The answer of the Chat Service; here the trace of a change begins, if it is chosen."""
        span = None
        if isinstance(call.asked, CHANGES):
            span = tracing.begin(
                tracing.REQUEST, {"parley.operation": self._operation.name, "parley.trace": call.trace}
            )
        if span is None:
            return (await self._chat.call([call]))[0].frame
        error: str | None = "cancelled"
        try:
            reply = (await self._chat.call([msgspec.structs.replace(call, traceparent=span.context)]))[0].frame
            error = reply.code if isinstance(reply, ErrorFrame) else None
        finally:
            span.end(error)
        return reply

    async def _authenticate(self, request: Request) -> str:
        header = request.headers.get("authorization", "")
        if not header.lower().startswith(_SCHEME):
            text = "the Authorization header is missing or has no Bearer token; send `Authorization: Bearer TOKEN`"
            raise ParleyError(ErrorCode.UNAUTHENTICATED, text, field="authorization")
        return (await self._tokens.verify(header[len(_SCHEME) :].strip())).user

    async def _body(self, request: Request) -> Body | None:
        if self._decoder is None:
            return None
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > self._body_bytes:
                text = f"the body has more than {self._body_bytes} bytes, which is the limit"
                raise ParleyError(ErrorCode.CONTENT_TOO_LARGE, text)
        return _decoded(self._decoder, bytes(data) or b"{}")

    @staticmethod
    def _key(request: Request, body: Body | None) -> str:
        """The key of the body, else of the header, else a new one: then a repeated request is a new change."""
        given = body.client_msg_id if isinstance(body, ChangeBody) else None
        return given or request.headers.get("idempotency-key") or secrets.token_hex(16)


def _decoded(decoder: msgspec.json.Decoder[Any], data: bytes) -> Body:
    try:
        body: Body = decoder.decode(data)
    except msgspec.ValidationError as error:
        text = str(error)
        where = text.rsplit("`$.", 1)[1].rstrip("`") if "`$." in text else None
        raise ParleyError(ErrorCode.INVALID_FIELD, f"the body is not allowed: {text}", field=where) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ParleyError(ErrorCode.INVALID_FRAME, f"the body is not valid JSON: {error}") from None
    return body


def _without_envelope(frame: AnyServerFrame) -> dict[str, Any]:
    """Type and id belong to the socket, where several answers are under way."""
    fields: dict[str, Any] = msgspec.to_builtins(frame)
    return {name: value for name, value in fields.items() if name not in {"type", "id"}}

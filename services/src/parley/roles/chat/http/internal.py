"""The port that only gateways use: batches of calls whose users they have proven already.

It is a port of its own, so that no route of a public one can ever lead here, and every request shows the shared secret.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import msgspec

from parley.contract import CALLS_PATH
from parley.ports.chat import Chat
from parley.protocol.calls import Call
from parley.runtime.internal_secret import InternalSecret

_DECODER: Final = msgspec.msgpack.Decoder(list[Call])
_ENCODER: Final = msgspec.msgpack.Encoder()
_SCHEME: Final = "Bearer "
_BODY_BYTES: Final = 16 * 1024 * 1024

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class InternalCalls:
    """An ASGI application of one operation; without a framework, since every message passes through it."""

    def __init__(self, chat: Chat, secret: InternalSecret) -> None:
        """Answer calls with this service."""
        self._chat = chat
        self._secret = secret

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        status, body = await self._answer(scope, receive)
        kind = b"application/msgpack" if status == 200 else b"text/plain; charset=utf-8"  # noqa: PLR2004 - OK
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: _Scope, receive: _Receive) -> tuple[int, bytes]:
        if not self._secret.accepts(_offered(scope)):
            return (
                401,
                b"the Authorization header does not show the internal secret: give gateway and chat the same one",
            )
        if scope["path"] != CALLS_PATH or scope["method"] != "POST":
            return 404, f"this port answers only POST {CALLS_PATH}".encode()
        body = await _body(receive)
        if body is None:
            return 413, f"a batch may have at most {_BODY_BYTES} bytes".encode()
        try:
            calls = _DECODER.decode(body)
        except msgspec.DecodeError as error:
            return 400, f"the batch cannot be read: {error}. Run gateways and chat in versions that fit".encode()
        return 200, _ENCODER.encode(await self._chat.call(calls))


def _offered(scope: _Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            text: str = value.decode("latin-1")
            return text.removeprefix(_SCHEME)
    return ""


async def _body(receive: _Receive) -> bytes | None:
    data = bytearray()
    while True:
        message = await receive()
        data += message.get("body", b"")
        if len(data) > _BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(data)

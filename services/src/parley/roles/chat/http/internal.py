"""The port that only gateways use: batches of calls whose users they have proven already, and profiles.

It is a port of its own, so that no route of a public one can ever lead here, and every request shows the shared secret.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import msgspec

from parley.contract import CALLS_PATH, PROFILES_PATH
from parley.domain.errors import ParleyError
from parley.ports.chat import Chat
from parley.ports.profiles import ProfileReader
from parley.protocol.calls import Call
from parley.runtime.internal_secret import InternalSecret

_CALLS: Final = msgspec.msgpack.Decoder(list[Call])
_USERS: Final = msgspec.msgpack.Decoder(list[str])
_ENCODER: Final = msgspec.msgpack.Encoder()
_SCHEME: Final = "Bearer "
_BODY_BYTES: Final = 16 * 1024 * 1024

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class InternalCalls:
    """An ASGI application of two operations; without a framework, since every message passes through it."""

    def __init__(self, chat: Chat, profiles: ProfileReader, secret: InternalSecret) -> None:
        """Answer calls with this service, and profiles from the store."""
        self._chat = chat
        self._profiles = profiles
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
        path = scope["path"]
        if path not in {CALLS_PATH, PROFILES_PATH} or scope["method"] != "POST":
            return 404, f"this port answers only POST {CALLS_PATH} and {PROFILES_PATH}".encode()
        body = await _body(receive)
        if body is None:
            return 413, f"a batch may have at most {_BODY_BYTES} bytes".encode()
        return await self._perform(path, body)

    async def _perform(self, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            if path == CALLS_PATH:
                return 200, _ENCODER.encode(await self._chat.call(_CALLS.decode(body)))
            return 200, _ENCODER.encode(await self._profiles.profiles(_USERS.decode(body)))
        except msgspec.DecodeError as error:
            return 400, f"the batch cannot be read: {error}. Run gateways and chat in versions that fit".encode()
        except ParleyError as error:
            return 503, error.message.encode()


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

"""The port that only gateways use: batches of calls whose users they have proven already, and profiles.

It is a port of its own, so that no route of a public one can ever lead here, and every request shows the shared secret.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, Final, TypeVar

import msgspec

from parley.contract import CALLS_PATH, PROFILES_PATH
from parley.domain.errors import ParleyError
from parley.ports.chat import Chat
from parley.ports.profiles import ProfileReader
from parley.protocol.calls import Call, Reply
from parley.protocol.client_frames import CHANGES
from parley.protocol.time_left import TIME_LEFT_HEADER, read
from parley.runtime.internal_secret import InternalSecret
from parley.runtime.metrics import CALLS_DROPPED

_CALLS: Final = msgspec.msgpack.Decoder(list[Call])
_USERS: Final = msgspec.msgpack.Decoder(list[str])
_ENCODER: Final = msgspec.msgpack.Encoder()
_SCHEME: Final = "Bearer "
_BODY_BYTES: Final = 16 * 1024 * 1024
_AUTHORIZATION: Final = b"authorization"
_TIME_LEFT: Final = TIME_LEFT_HEADER.lower().encode()

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Result = TypeVar("_Result")
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
        return await self._perform(path, body, receive, read(_header(scope, _TIME_LEFT)))

    async def _perform(self, path: str, body: bytes, receive: _Receive, left_s: float | None) -> tuple[int, bytes]:
        try:
            if path == CALLS_PATH:
                return 200, _ENCODER.encode(await self._call(_CALLS.decode(body), receive, left_s))
            profiles = self._profiles.profiles(_USERS.decode(body))
            return 200, _ENCODER.encode(await _while_wanted(profiles, receive, left_s))
        except msgspec.DecodeError as error:
            return 400, f"the batch cannot be read: {error}. Run gateways and chat in versions that fit".encode()
        except ParleyError as error:
            return 503, error.message.encode()
        except _Unwanted:
            return 504, b"the time in which the gateway waits was over before the answer was there"

    async def _call(self, calls: list[Call], receive: _Receive, left_s: float | None) -> list[Reply]:
        """What is late is not begun. Changes that are begun are finished: they have deadlines of their own."""
        if left_s is not None and left_s <= 0:
            CALLS_DROPPED.labels("late").inc(len(calls))
            raise _Unwanted
        work = self._chat.call(calls)
        if any(isinstance(call.asked, CHANGES) for call in calls):
            return await work
        return await _while_wanted(work, receive, left_s)


class _Unwanted(Exception):  # noqa: N818 - nobody made a mistake
    """Nobody waits for the answer any more."""


async def _while_wanted(work: Coroutine[Any, Any, _Result], receive: _Receive, left_s: float | None) -> _Result:
    """Work until it is done, the time is over or the caller hangs up; raises _Unwanted when nobody waits any more."""
    working = asyncio.ensure_future(work)
    hanging_up = asyncio.ensure_future(receive())
    try:
        await asyncio.wait((working, hanging_up), timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise _Unwanted
        return working.result()
    finally:
        hanging_up.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait((working,))


def _header(scope: _Scope, wanted: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name == wanted:
            text: str = value.decode("latin-1")
            return text
    return None


def _offered(scope: _Scope) -> str:
    return (_header(scope, _AUTHORIZATION) or "").removeprefix(_SCHEME)


async def _body(receive: _Receive) -> bytes | None:
    data = bytearray()
    while True:
        message = await receive()
        data += message.get("body", b"")
        if len(data) > _BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(data)

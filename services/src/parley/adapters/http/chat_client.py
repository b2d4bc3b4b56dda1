"""A gateway's way to chat: batches of calls as MessagePack over kept connections to its internal port."""

from collections.abc import Sequence
from typing import Final

import aiohttp
import msgspec
from typing_extensions import override

from parley.contract import CALLS_PATH
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.chat import Chat
from parley.protocol.calls import Call, Reply
from parley.runtime.internal_secret import InternalSecret

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(list[Reply])
_CONNECT_S: Final = 2.0
_KEPT_S: Final = 30.0
_UNKNOWN: Final = "whether it was done is unknown, so send it again as a retry"


class HttpChat(Chat):
    """Raises ParleyError UNAVAILABLE when a batch was not answered: nobody knows then what became of it."""

    def __init__(self, url: str, secret: InternalSecret, timeout_s: float) -> None:
        """Connect at the first call; `url` names the internal port of chat."""
        self._url = url.rstrip("/") + CALLS_PATH
        self._secret = secret
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S)
        self._session: aiohttp.ClientSession | None = None

    @override
    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        headers = {"Authorization": f"Bearer {self._secret.to_send()}", "Content-Type": "application/msgpack"}
        body = _ENCODER.encode(calls)
        try:
            async with self._kept().post(self._url, data=body, headers=headers, timeout=self._timeout) as response:
                answer = await response.read()
                if response.status != 200:  # noqa: PLR2004 - OK
                    raise _unavailable(f"answered {response.status}: {answer[:200].decode(errors='replace')}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _unavailable(f"at {self._url} did not answer ({str(error) or type(error).__name__})") from None
        try:
            return _DECODER.decode(answer)
        except msgspec.DecodeError as error:
            raise _unavailable(f"answered what this gateway cannot read: {error}") from None

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    def _kept(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_S, ttl_dns_cache=5)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _unavailable(what: str) -> ParleyError:
    return ParleyError(ErrorCode.UNAVAILABLE, f"chat {what}; {_UNKNOWN}")

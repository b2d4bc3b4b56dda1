"""Requests to chat's internal port: MessagePack over kept connections, with the shared secret."""

from typing import Any, Final

import aiohttp
import msgspec

from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.internal_secret import InternalSecret

_ENCODER: Final = msgspec.msgpack.Encoder()
_CONNECT_S: Final = 2.0
_KEPT_S: Final = 30.0
_UNKNOWN: Final = "whether it was done is unknown, so send it again as a retry"


class InternalPort:
    """Raises ParleyError UNAVAILABLE when a request was not answered: nobody knows then what became of it."""

    def __init__(self, url: str, secret: InternalSecret, timeout_s: float) -> None:
        """Connect at the first request; `url` names the internal port."""
        self._url = url.rstrip("/")
        self._secret = secret
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S)
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, path: str, asked: Any) -> bytes:  # noqa: ANN401 - whatever the operation takes
        """The body of the answer."""
        headers = {"Authorization": f"Bearer {self._secret.to_send()}", "Content-Type": "application/msgpack"}
        body, url = _ENCODER.encode(asked), self._url + path
        try:
            async with self._kept().post(url, data=body, headers=headers, timeout=self._timeout) as response:
                answer = await response.read()
                if response.status != 200:  # noqa: PLR2004 - OK
                    raise unanswered(f"answered {response.status}: {answer[:200].decode(errors='replace')}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unanswered(f"at {url} did not answer ({str(error) or type(error).__name__})") from None
        return answer

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    def _kept(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_S, ttl_dns_cache=5)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def unanswered(what: str) -> ParleyError:
    """What a caller gets when chat did not answer as it should."""
    return ParleyError(ErrorCode.UNAVAILABLE, f"chat {what}; {_UNKNOWN}")

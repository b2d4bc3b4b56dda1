"""Requests to chat's internal port: MessagePack over kept connections, with the shared secret."""

import asyncio
import random
from typing import Any, Final

import aiohttp
import msgspec

from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol.time_left import TIME_LEFT_HEADER, written
from parley.runtime.internal_secret import InternalSecret

_ENCODER: Final = msgspec.msgpack.Encoder()
_CONNECT_S: Final = 2.0
_KEPT_S: Final = 30.0
_ATTEMPTS: Final = 4
_PAUSE_S: Final = 0.25
"""Between attempts: together about as long as Kubernetes needs to send nobody to a pod that ends."""
_UNKNOWN: Final = "whether it was done is unknown, so send it again as a retry"


class InternalPort:
    """Raises ParleyError UNAVAILABLE when a request was not answered: nobody knows then what became of it.

    Every request says how long its answer is waited for, so that chat does nothing for who has given up.
    """

    def __init__(self, url: str, secret: InternalSecret, timeout_s: float) -> None:
        """Connect at the first request; `url` names the internal port. `timeout_s` is for all attempts together."""
        self._url = url.rstrip("/")
        self._secret = secret
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, path: str, asked: Any, *, harmless: bool) -> bytes:  # noqa: ANN401 - whatever the operation takes
        """The body of the answer.

        What is `harmless` to ask twice is asked again when a connection ended without an answer, as it does when a pod
        of chat is replaced: nobody is to notice that.
        """
        loop = asyncio.get_running_loop()
        ends, body = loop.time() + self._timeout_s, _ENCODER.encode(asked)
        for left in reversed(range(_ATTEMPTS if harmless else 1)):
            try:
                return await self._attempt(path, body, ends - loop.time())
            except aiohttp.ClientConnectionError as error:
                pause = _PAUSE_S * (0.5 + random.random())  # noqa: S311 - spreads who lost the same pod; no secret
                if isinstance(error, TimeoutError) or not left or loop.time() + pause >= ends:
                    raise _silent(self._url + path, error) from None
                await asyncio.sleep(pause)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise _silent(self._url + path, error) from None
        raise AssertionError  # the last attempt returns or raises

    async def _attempt(self, path: str, body: bytes, left_s: float) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._secret.to_send()}",
            "Content-Type": "application/msgpack",
            TIME_LEFT_HEADER: written(left_s),
        }
        timeout = aiohttp.ClientTimeout(total=left_s, sock_connect=_CONNECT_S)
        async with self._kept().post(self._url + path, data=body, headers=headers, timeout=timeout) as response:
            answer = await response.read()
            if response.status != 200:  # noqa: PLR2004 - OK
                raise unanswered(f"answered {response.status}: {answer[:200].decode(errors='replace')}")
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


def _silent(url: str, error: Exception) -> ParleyError:
    return unanswered(f"at {url} did not answer ({str(error) or type(error).__name__})")


def unanswered(what: str) -> ParleyError:
    """What a caller gets when chat did not answer as it should."""
    return ParleyError(ErrorCode.UNAVAILABLE, f"chat {what}; {_UNKNOWN}")

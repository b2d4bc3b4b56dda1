"""The HTTP application in front of a Chat Service with its sequencer, called without a socket between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.tokens import Identity
from parley.roles.chat.http.application import application
from parley.roles.chat.http.development import TokenMint
from parley.runtime.health import Health
from parley.runtime.settings import load_settings
from tests.roles.chat.running import Chat, running_chat


class NamedTokens:
    """A token is a user's name; that of `forged` is refused, that of `late` has expired."""

    async def verify(self, token: str) -> Identity:
        if token == "forged":  # noqa: S105 - a name
            raise ParleyError(ErrorCode.UNAUTHENTICATED, "the signature does not match")
        if token == "late":  # noqa: S105 - a name
            raise ParleyError(ErrorCode.TOKEN_EXPIRED, "the token expired")
        return Identity(token, None)


@dataclass
class Api:
    """Calls as any user; `chat` waits for what was accepted."""

    chat: Chat
    client: httpx.AsyncClient

    async def call(self, method: str, path: str, user: str | None = "ann", **options: Any) -> httpx.Response:
        """One request with the user's token."""
        headers = {**({"Authorization": f"Bearer {user}"} if user else {}), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def change(self, method: str, path: str, user: str = "ann", **options: Any) -> dict[str, Any]:
        """A change that is accepted, once it has its place."""
        answer = await self.call(method, path, user, **options)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        await self.chat.settle()
        fields: dict[str, Any] = answer.json()
        return fields

    async def get(self, path: str, user: str = "ann", **options: Any) -> dict[str, Any]:
        """An answer."""
        answer = await self.call("GET", path, user, **options)
        assert answer.status_code == httpx.codes.OK, answer.text
        fields: dict[str, Any] = answer.json()
        return fields


@asynccontextmanager
async def serving(*, mint: bool = False, **settings: Any) -> AsyncIterator[Api]:
    """Serve until the block ends."""
    async with running_chat(**settings) as chat:
        loaded = load_settings(**settings)
        backends = chat.backends
        minted = TokenMint(lambda user: f"token of {user}") if mint else None
        health = Health(backends, [])
        app = application(chat.service, NamedTokens(), backends.clock, health, loaded, minted)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://parley") as client:
            yield Api(chat, client)

"""Chat's internal port on a real socket, and the client that gateways use."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvicorn
from pydantic import SecretStr
from typing_extensions import override

from parley.adapters.http.chat_client import HttpChat
from parley.adapters.http.internal_port import InternalPort
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.chat import Chat
from parley.ports.profiles import Profile, ProfileReader
from parley.roles.chat.http.internal import InternalCalls
from parley.runtime.internal_secret import InternalSecret
from parley.runtime.listening import listening_socket

SECRET = "s" * 32


def secret(text: str = SECRET) -> InternalSecret:
    return InternalSecret(SecretStr(text), None)


class KnownProfiles(ProfileReader):
    """Ann hides, and the store of Zoe is away."""

    @override
    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        if "zoe" in users:
            raise ParleyError(ErrorCode.UNAVAILABLE, "the store is away")
        return {"ann": Profile(7, hide_presence=True)} if "ann" in users else {}


@asynccontextmanager
async def internal_port(chat: Chat) -> AsyncIterator[str]:
    """Where it listens."""
    listening = listening_socket("127.0.0.1", 0, "internal_port")
    config = uvicorn.Config(InternalCalls(chat, KnownProfiles(), secret()), lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def gateway(url: str, text: str = SECRET, timeout_s: float = 5.0) -> AsyncIterator[HttpChat]:
    async with asking(url, text, timeout_s) as port:
        yield HttpChat(port)


@asynccontextmanager
async def asking(url: str, text: str = SECRET, timeout_s: float = 5.0) -> AsyncIterator[InternalPort]:
    port = InternalPort(url, secret(text), timeout_s)
    try:
        yield port
    finally:
        await port.close()

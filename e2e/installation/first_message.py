"""Two people on the example ChatCluster: the proof that everything between their sockets works."""

import asyncio
import time
import uuid

from e2e.cluster.provider import Info
from parley.adapters.jwt.mint import mint_token
from parley.client import ParleyClient
from parley.domain.errors import ErrorCode, ParleyError

EXAMPLE_KEY = "change-me-change-me-change-me-change-me"
"""The secret of examples/chatcluster.yaml."""
SOCKETS = 30080
WITHIN_S = 60.0
_TOKEN_S = 600


def sockets_at(info: Info) -> str:
    """Where clients connect from this machine."""
    return f"http://127.0.0.1:{info.node_ports[SOCKETS]}"


async def first_message(url: str, key: str = EXAMPLE_KEY) -> str:
    """Send one from ann to bob and wait for it; returns what happened, and raises ParleyError when it does not come."""
    text = f"Hello, Bob ({uuid.uuid4().hex[:8]})"
    try:
        async with (
            asyncio.timeout(WITHIN_S),
            ParleyClient(url, _token(key, "ann"), device="up", listen=False) as ann,
            ParleyClient(url, _token(key, "bob"), device="up") as bob,
        ):
            sent = await ann.send(text, to="bob")
            await sent.sequenced()
            async for message in bob.messages():
                if message.entry.content is not None and message.entry.content.text == text:
                    return f"ann wrote to bob, and bob's socket received: {text}"
    except TimeoutError:
        pass
    raise ParleyError(
        ErrorCode.UNAVAILABLE,
        f"no message went from ann to bob at {url} within {WITHIN_S:g} s. See: kubectl parley status chat -n "
        "parley-backends, and make cluster-logs",
    )


def _token(key: str, user: str) -> str:
    return mint_token(key, user, expires_at_s=int(time.time()) + _TOKEN_S)

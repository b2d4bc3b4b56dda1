"""`parley check`: whether people can chat, found out by chatting."""

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from typing import Final

import click

from parley.adapters.jwt.mint import mint_token
from parley.cli.messages import device, line, token_for
from parley.client import ParleyClient
from parley.client.events import MessageEvent
from parley.contract import ENVIRONMENT_PREFIX
from parley.domain.errors import ErrorCode, ParleyError

_TOKEN_S: Final = 3600
_ONCE_S: Final = 60.0
_AGAIN_S: Final = 2.0
_LATER: Final = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED})


@dataclass(frozen=True, slots=True)
class Check:
    """Who writes to whom, where, and for how many seconds it is tried."""

    url: str
    sender: str
    receiver: str
    token_issuer: str | None
    token_audience: str | None
    wait_s: float


async def check_message(check: Check) -> None:
    """Print a new message of the sender as the receiver got it; until then, say once why it does not work yet.

    Raises ParleyError when it did not work in time, or when trying again would not help.
    """
    deadline = time.monotonic() + check.wait_s
    told = ""
    while True:
        try:
            async with asyncio.timeout(_ONCE_S):
                message = await _received(check)
        except TimeoutError:
            text = f"{check.receiver} received nothing of {check.sender} at {check.url} within {_ONCE_S:g} s"
            error = ParleyError(ErrorCode.UNAVAILABLE, text)
        except ParleyError as failed:
            error = failed
        else:
            click.echo(line(message, as_json=False))
            return
        # Who asked to wait gets a second try, also on a machine that was too busy for the first one within the time.
        over = time.monotonic() + _AGAIN_S > deadline and (bool(told) or check.wait_s < _AGAIN_S)
        if over or error.code not in _LATER:
            raise error from None
        if told != error.message:
            click.echo(f"waiting: {error.message}", err=True)
            told = error.message
        await asyncio.sleep(_AGAIN_S)


async def _received(check: Check) -> MessageEvent:
    text = f"checked by {secrets.token_hex(4)}"
    receiving = ParleyClient(check.url, token=await _token(check, check.receiver), device=device("check"))
    sending = ParleyClient(check.url, token=await _token(check, check.sender), device=device("check"), listen=False)
    async with receiving as receiver, sending as sender:
        await (await sender.send(text, to=check.receiver))
        async for message in receiver.messages():
            content = message.entry.content
            if content is not None and (message.entry.sender, content.text) == (check.sender, text):
                return message
    raise ParleyError(ErrorCode.UNAVAILABLE, f"{check.url} ended the connection of {check.receiver}")


async def _token(check: Check, user: str) -> str:
    """Signed with PARLEY_JWT_SECRET, or given by a development server where that is not set."""
    secret = os.environ.get(f"{ENVIRONMENT_PREFIX}JWT_SECRET", "").split("\n", 1)[0].strip()
    if not secret:
        return await token_for(check.url, user, None)
    expires = int(time.time()) + _TOKEN_S
    return mint_token(secret, user, expires_at_s=expires, issuer=check.token_issuer, audience=check.token_audience)

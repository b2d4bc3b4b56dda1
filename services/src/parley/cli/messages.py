"""`parley send` and `parley tail`: the Python SDK, one line a message."""

import json
import os

import click
import httpx
import msgspec

from parley.client import ParleyClient
from parley.client.events import MessageEvent
from parley.client.inbox import Start
from parley.domain.errors import ErrorCode, ParleyError

_TIMEOUT_S = 10.0


async def send_message(
    url: str, user: str, token: str | None, to: str | None, conversation: str | None, key: str | None, text: str
) -> str:
    """Send one message; returns the acknowledgement as JSON once the message is durable."""
    async with ParleyClient(
        url, token=await token_for(url, user, token), device=device("send"), listen=False
    ) as client:
        sent = await client.send(text, to=to, conversation=conversation, client_msg_id=key)
        ack = await sent
    return json.dumps(msgspec.to_builtins(ack))


async def tail_messages(
    url: str, user: str, token: str | None, count: int | None, *, as_json: bool, from_beginning: bool
) -> None:
    """Print messages until `count` of them are printed; every one once, in the order of its conversation."""
    start: Start = "beginning" if from_beginning else "now"
    async with ParleyClient(url, token=await token_for(url, user, token), device=device("tail"), start=start) as client:
        printed = 0
        async for message in client.messages():
            click.echo(line(message, as_json=as_json))
            printed += 1
            if printed == count:
                return


def line(message: MessageEvent, *, as_json: bool) -> str:
    """A message as a person, or with `as_json` a script, reads it."""
    if as_json:
        return json.dumps({"conversation": message.conversation, **msgspec.to_builtins(message.entry)})
    entry = message.entry
    text = entry.content.text if entry.content else f"({entry.kind})"
    return f"{entry.created_at}  {message.conversation}#{entry.seq}  {entry.sender}: {text}"


def device(command: str) -> str:
    """A device of its own for every call, so that it replaces no other connection of the user."""
    return f"cli-{command}-{os.getpid()}-{os.urandom(4).hex()}"


async def token_for(url: str, user: str, token: str | None) -> str:
    """The token that was given, or one that a development server mints."""
    if token:
        return token
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as http:
        try:
            answer = await http.post(f"{url.rstrip('/')}/dev/token", json={"user": user})
        except httpx.HTTPError as error:
            text = f"{url} does not answer ({error or type(error).__name__}); is `parley dev` running there?"
            raise ParleyError(ErrorCode.UNAVAILABLE, text) from None
    if answer.status_code == httpx.codes.OK:
        minted: str = answer.json()["token"]
        return minted
    text = f"{url} gives out no development tokens (HTTP {answer.status_code}); pass --token or set PARLEY_TOKEN"
    raise ParleyError(ErrorCode.UNAUTHENTICATED, text)

"""From hello to welcome: who is it, register where he is, then read what changed; and a new token later on.

A user is registered before chat reads heads. Whatever is said after that is pushed here and waits until welcome is
out; whatever was said before is in the welcome. So nothing falls between (promise G3).
"""

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_key
from parley.ports.tokens import Identity
from parley.protocol.calls import Call
from parley.protocol.client_frames import Authenticate, Hello, Resume
from parley.protocol.codec import rfc3339
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import ErrorFrame, Resumed, Welcome
from parley.protocol.session import error_frame
from parley.protocol.session_states import State
from parley.roles.gateway.context import Context
from parley.roles.gateway.frame_counts import count_refusal
from parley.roles.gateway.lanes import Inquiry
from parley.runtime.metrics import CONNECTIONS, CONNECTIONS_OPENED

if TYPE_CHECKING:
    from parley.roles.gateway.client import Client

HELLO_ID: Final = "hello"

_CLOSES: Final = {
    ErrorCode.UNAUTHENTICATED: CloseCode.UNAUTHENTICATED,
    ErrorCode.TOKEN_EXPIRED: CloseCode.TOKEN_EXPIRED,
}
_log: Final = structlog.get_logger()


async def introduce(client: "Client", context: Context, hello: Hello) -> None:
    """Answer hello with welcome, or with an error and a close."""
    try:
        device = check_key(hello.device, "device")
        identity = await _verify(context, hello.token)
    except ParleyError as error:
        _reject(client, _refusal(error))
        return
    if client.session.state is not State.RESUMING or not client.socket.open:
        return
    now = asyncio.get_running_loop().time()
    allowance = context.directory.allowance(identity.user, now)
    client.session.identify(identity.user, device, identity.expires_at, allowance)
    older = context.directory.join(client)
    if older is not None:
        older.replaced()
    await context.enrolment.enter(identity.user, device)
    inquiry = Inquiry(lambda: client.socket.open)
    call = Call(identity.user, device, Resume(HELLO_ID, hello.cursors), client.trace())
    context.lanes.ask(call, inquiry)
    answer = (await inquiry.reply()).frame
    if client.session.state is not State.RESUMING:
        return
    if not inquiry.waits:
        return
    if isinstance(answer, Resumed):
        _welcome(client, context, answer)
    else:
        silent = ParleyError(ErrorCode.UNAVAILABLE, "chat gave no answer to hello")
        _reject(client, answer if isinstance(answer, ErrorFrame) else _refusal(silent))


async def renew(client: "Client", context: Context, request: Authenticate) -> None:
    """Take a new token of the same user, or refuse it; the session goes on with the old one until that ends."""
    try:
        identity = await _verify(context, request.token)
    except ParleyError as error:
        client.perform(client.session.refuse(error, request.id))
        return
    client.perform(client.session.renewed(request.id, identity.user, identity.expires_at))


async def _verify(context: Context, token: str) -> Identity:
    try:
        async with asyncio.timeout(context.settings.call_timeout_ms / 1000):
            return await context.tokens.verify(token)
    except TimeoutError:
        message = "the token could not be checked in time; try again"
        raise ParleyError(ErrorCode.UNAVAILABLE, message, field="token") from None


def _welcome(client: "Client", context: Context, answer: Resumed) -> None:
    session, limits = client.session, context.limits
    welcome = Welcome(
        user=session.user,
        session=client.id,
        heartbeat_ms=context.settings.heartbeat_ms,
        window_frames=limits.window_frames,
        window_bytes=limits.window_bytes,
        server_time=rfc3339(context.clock.now_ms()),
        conversations=answer.conversations,
        more=answer.more,
    )
    session.welcomed()
    client.welcomed = True
    CONNECTIONS.inc()
    CONNECTIONS_OPENED.inc()
    _log.info("session opened", session=client.id, user=session.user, device=session.device)
    client.send(welcome)
    now = asyncio.get_running_loop().time()
    client.pushing.begin(now)
    client.perform(session.hint(now, room=client.socket.room))


def _refusal(error: ParleyError) -> ErrorFrame:
    frame = error_frame(error)
    count_refusal(frame)
    return frame


def _reject(client: "Client", refusal: ErrorFrame) -> None:
    """Say why, then close: with a code by which the client knows whether to come again."""
    client.send(ErrorFrame(refusal.code, refusal.message, refusal.retryable, refusal.after_ms, refusal.field))
    close = CloseCode.UNAVAILABLE if refusal.retryable else CloseCode.PROTOCOL_ERROR
    code = _CLOSES.get(ErrorCode(refusal.code), close) if refusal.code in set(ErrorCode) else close
    client.perform(client.session.end(code, refusal.message))

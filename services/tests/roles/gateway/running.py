"""A gateway that really listens, on embedded backends, and clients that really connect."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from parley.adapters.connect import connect as connect_backends
from parley.contract import SOCKET_PATH
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.tokens import Identity
from parley.protocol.channel import ChannelItem, Delivery, encode_item
from parley.protocol.client_frames import AnyClientFrame, Hello
from parley.protocol.codec import JSON, Codec
from parley.protocol.server_frames import AnyServerFrame, Message, Welcome
from parley.protocol.views import EntryView
from parley.roles.gateway.client import Client
from parley.roles.gateway.main import GatewayRole, build
from parley.runtime.backends import Backends
from parley.runtime.health import Health
from parley.runtime.settings import load_settings
from tests.patience import STILL_S
from tests.roles.gateway.echo_chat import EchoChat

CONVERSATION = "00000000-0000-0000-0000-000000000001"
EMBEDDED = {"log_url": "sqlite::memory:", "store_url": "sqlite::memory:", "registry_url": "memory:"}

Frame = TypeVar("Frame")


class NamedTokens:
    """A token is a user's name, with an end if it is `NAME until MILLISECONDS`; some names are refused."""

    async def verify(self, token: str) -> Identity:
        user, _, until = token.partition(" until ")
        if user == "forged":
            raise ParleyError(ErrorCode.UNAUTHENTICATED, "the signature does not match", field="token")
        if user == "expired":
            raise ParleyError(ErrorCode.TOKEN_EXPIRED, "the token expired", field="token")
        if user == "unknown":
            raise ParleyError(ErrorCode.UNAVAILABLE, "the keys cannot be fetched")
        return Identity(user, int(until) if until else None)


class Peer:
    """A client that says and hears single frames."""

    def __init__(self, connection: ClientConnection, codec: Codec) -> None:
        self.connection = connection
        self.codec = codec
        self.heard: list[AnyServerFrame] = []

    async def say(self, *frames: AnyClientFrame) -> None:
        for frame in frames:
            await self.connection.send(self.codec.encode(frame), text=not self.codec.binary)

    async def hear(self, kind: type[Frame]) -> Frame:
        """Wait for the next frame of the kind; others that come before it stay in `heard`."""
        async with asyncio.timeout(STILL_S):
            while True:
                frame = self.codec.decode_server(await self.connection.recv(decode=False))
                assert frame is not None
                if isinstance(frame, kind):
                    return frame
                self.heard.append(frame)

    async def close_code(self) -> int | None:
        """Read until the connection ends; frames that come before it stay in `heard`."""
        with suppress(ConnectionClosed):
            await self.hear(type(None))
        return self.connection.close_code


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway at work, and what it works on."""

    role: GatewayRole
    backends: Backends
    chat: EchoChat
    stop: asyncio.Event
    ended: "asyncio.Task[None]"

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.role.port}{SOCKET_PATH}"

    async def connect(
        self, codec: Codec | None = JSON, *, url: str = "", origin: str | None = None, **options: Any
    ) -> Peer:
        """Connect without a word."""
        named = [Subprotocol(codec.subprotocol)] if codec is not None else None
        quiet = {"max_size": None, "ping_interval": None, "compression": None, "proxy": None, "subprotocols": named}
        connection = await connect(url or self.url, origin=Origin(origin) if origin else None, **(quiet | options))
        return Peer(connection, codec or JSON)

    async def join(self, token: str, device: str = "phone", codec: Codec = JSON, **options: Any) -> Peer:
        """Connect and say hello; gives the client once it is welcome."""
        peer = await self.connect(codec, **options)
        await peer.say(Hello(token, device))
        await peer.hear(Welcome)
        return peer

    def client(self, user: str, device: str = "phone") -> Client:
        """The gateway's own side of a connection."""
        client = self.role.parts.context.directory.find(user, device)
        assert client is not None
        return client

    async def publish(self, *items: ChannelItem) -> None:
        """Put items on this gateway's stream."""
        await self.backends.channels.publish([(self.role.gateway.name, encode_item(item)) for item in items])

    async def until_located(self, user: str, *gateways: str) -> None:
        """Wait until the user has live entries at exactly these gateways."""

        async def located() -> bool:
            places = await self.backends.registry.locate([user])
            return places.get(user, frozenset()) == set(gateways)

        await eventually(located)


@asynccontextmanager
async def embedded_backends() -> AsyncIterator[Backends]:
    backends = replace(await connect_backends(load_settings(**EMBEDDED)), tokens=NamedTokens())
    try:
        yield backends
    finally:
        await backends.close()


@asynccontextmanager
async def running(
    backends: Backends | None = None, chat: EchoChat | None = None, **options: Any
) -> AsyncIterator[Running]:
    """Run a gateway with these settings, on backends of its own unless some are given; ends it at the end."""
    settings = load_settings(**(EMBEDDED | {"port": 0, "node_name": "gateway-0", "drain_ms": 0} | options))
    if backends is None:
        async with embedded_backends() as own, running(own, chat, **options) as gateway:
            yield gateway
        return
    chat = chat or EchoChat()
    role, stop = build(backends, settings, chat, backends.profiles, Health(backends, [])), asyncio.Event()
    ended = asyncio.create_task(role.run(stop))
    async with asyncio.timeout(STILL_S):
        await role.serving.wait()
    try:
        yield Running(role, backends, chat, stop, ended)
    finally:
        stop.set()
        async with asyncio.timeout(STILL_S):
            await ended


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that tells nobody when it happens."""
    async with asyncio.timeout(STILL_S):
        while not await condition():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.005)


def message(seq: int, text_bytes: int = 10, conversation: str = CONVERSATION) -> Message:
    """A message as fanout pushes it."""
    text = "x" * text_bytes
    entry = EntryView(seq, "message", text, str(seq), f"m{seq}", "2026-11-25T10:00:00.000Z", seq)
    return Message(conversation, entry)


def delivery(seq: int, *users: str, text_bytes: int = 10) -> Delivery:
    return Delivery(users, message(seq, text_bytes))

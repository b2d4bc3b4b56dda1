"""Each stage alone: the others are silent, and what it works off was put there before."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from pydantic import SecretStr
from typing_extensions import override

from e2e.backends.process import ServerProcess
from e2e.bench.drivers.lean_socket import LeanSocket
from e2e.bench.stages.measure import Measured
from e2e.bench.stages.pairs import TEXT
from e2e.process_usage import cpu_seconds
from parley.adapters.http.chat_client import HttpChat
from parley.adapters.http.internal_port import InternalPort
from parley.ports.event_log import EventLog
from parley.ports.profiles import Profile, ProfileReader
from parley.ports.registry import Gateway, Registry
from parley.protocol.calls import Asked, Call, Reply
from parley.protocol.client_frames import Request, Resume, Send
from parley.protocol.server_frames import Ack, AnyServerFrame, Done, Resumed
from parley.roles.chat.http.internal import InternalCalls
from parley.runtime.internal_secret import InternalSecret
from parley.runtime.listening import listening_socket

CONVERSATIONS: Final = 1_000
_BATCH: Final = 20
_AT_ONCE: Final = 3
_READY_S: Final = 60.0
_PATIENCE_S: Final = 180.0
_LEASE_MS: Final = 120_000


class Echo:
    """A chat service that takes everything and stores nothing."""

    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        """Acknowledge each send."""
        return [Reply(_answer(call.asked)) for call in calls]


class NoProfiles(ProfileReader):
    """Nobody has ever been here."""

    @override
    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        return {}


async def chat_alone(process: ServerProcess, url: str, secret: str, messages: int) -> Measured:
    """Batches of sends at the internal port, as gateways bring them; every answer is a durable ack."""
    process.start()
    await asyncio.to_thread(process.wait_ready, _READY_S)
    port = InternalPort(url, InternalSecret(SecretStr(secret), None), 30.0)
    chat = HttpChat(port)
    for first in range(0, CONVERSATIONS, _BATCH):
        await chat.call([_send("warm", number) for number in range(first, first + _BATCH)])
    waiting = iter(range(0, messages, _BATCH))
    began, used = time.perf_counter(), _cpu(process)

    async def work() -> None:
        for first in waiting:
            await chat.call([_send("bench", number) for number in range(first, first + _BATCH)])

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    measured = Measured("chat", messages, time.perf_counter() - began, {"chat": _cpu(process) - used})
    await port.close()
    return measured


async def backlog_alone(name: str, process: ServerProcess, lag: Callable[[], Awaitable[int]]) -> Measured:
    """Start a consumer before a full log; measured from its first progress to the end of the log."""
    whole = await lag()
    process.start()
    left = whole
    async with asyncio.timeout(_READY_S):
        while left == whole:
            left = await lag()
    began, used, first = time.perf_counter(), _cpu(process), left
    async with asyncio.timeout(_PATIENCE_S):
        while left:
            await asyncio.sleep(0.02)
            left = await lag()
    return Measured(name, first, time.perf_counter() - began, {name: _cpu(process) - used})


def lag_of(log: EventLog, topic: str, group: str) -> Callable[[], Awaitable[int]]:
    """Records that a group has not committed."""

    async def ask() -> int:
        return sum((await log.lag(topic, group)).values())

    return ask


@asynccontextmanager
async def everybody_connected(registry: Registry, users: Sequence[str]) -> AsyncIterator[None]:
    """Let the registry say that all of them are connected to one gateway."""
    gateway = Gateway("bench", "bench")
    await registry.renew(gateway, _LEASE_MS)
    await registry.register(gateway, [(user, "bench") for user in users])
    try:
        yield
    finally:
        await registry.release(gateway)


def users_of_chat() -> list[str]:
    """Whom the chat stage lets write to each other."""
    return [f"bench-{side}{number}" for side in "ab" for number in range(CONVERSATIONS)]


@asynccontextmanager
async def echo_chat(port: int, secret: str) -> AsyncIterator[None]:
    """Answer a gateway in place of chat."""
    listening = listening_socket("127.0.0.1", port, "internal_port")
    application = InternalCalls(Echo(), NoProfiles(), InternalSecret(SecretStr(secret), None))
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_config=None, ws="none", http="httptools"))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def gateway_alone(
    process: ServerProcess, address: tuple[str, int], token_of: Callable[[str], str], connections: int, seconds: float
) -> Measured:
    """Sends of many sockets, and their acks, with a chat service that does nothing."""
    process.start()
    await asyncio.to_thread(process.wait_ready, _READY_S)
    count, over = 0, False
    sockets: list[LeanSocket] = []

    def hear_of(number: int) -> Callable[[AnyServerFrame], None]:
        def hear(frame: AnyServerFrame) -> None:
            nonlocal count
            if isinstance(frame, Ack):
                count += 1
                if not over:
                    say(number)

        return hear

    def say(number: int) -> None:
        sockets[number].say(Send("r", f"{number}-{count}", content=TEXT, to=f"bench-b{number}"))

    for number in range(connections):
        socket = await LeanSocket.open(address, token_of(f"bench-a{number}"), hear_of(number))
        sockets.append(socket)
    began, used, before = time.perf_counter(), _cpu(process), count
    for number in list(range(connections)) * 4:
        say(number)
    await asyncio.sleep(seconds)
    measured = Measured("gateway", count - before, time.perf_counter() - began, {"gateway": _cpu(process) - used})
    over = True
    for socket in sockets:
        socket.close()
    return measured


def _answer(asked: Asked) -> AnyServerFrame | None:
    if isinstance(asked, Send):
        return Ack(asked.id, "", asked.client_msg_id)
    if isinstance(asked, Resume):
        return Resumed(asked.id)
    return Done(asked.id) if isinstance(asked, Request) else None


def _send(run: str, number: int) -> Call:
    pair = number % CONVERSATIONS
    key = f"{run}-{number}"
    frame = Send(key, key, content=TEXT, to=f"bench-b{pair}")
    return Call(f"bench-a{pair}", "bench", frame, asked_at=int(time.time() * 1000))


def _cpu(process: ServerProcess) -> float:
    return cpu_seconds(process.pid) if process.pid is not None else 0.0

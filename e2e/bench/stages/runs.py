"""The runs in order: each stage alone on the real servers, all of them together, and everything in one process."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from unittest import mock

import httpx

from e2e.backends.backends import Backends as Servers
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from e2e.bench.stages.alone import (
    backlog_alone,
    chat_alone,
    echo_chat,
    everybody_connected,
    gateway_alone,
    lag_of,
    users_of_chat,
)
from e2e.bench.stages.measure import Measured
from e2e.bench.stages.pairs import Load
from e2e.platform.roles_platform import PARLEY, RolesPlatform
from parley.adapters.connect import connect
from parley.adapters.jwt.mint import mint_token
from parley.contract import INGRESS, TIMELINE
from parley.runtime.backends import Backends
from parley.runtime.settings import load_settings

SETTINGS: Final = {
    "PARLEY_SENDS_PER_SECOND": "1000000",
    "PARLEY_SENDS_BURST": "1000000",
    "PARLEY_LOG_LEVEL": "warning",
    "PARLEY_DRAIN_MS": "500",
    "PARLEY_PARTITIONS": "16",
}
PAIRS: Final = 64
UNDER_WAY: Final = 8
"""Messages of each pair that are under way at full load."""
PACE: Final = 200.0
_WARM_S: Final = 45.0
"""Servers in Java reach their pace only after that; and the sequencer has then seen enough to spare lookups."""
_READY_S: Final = 90.0


async def real(folder: Path, seconds: float, messages: int, say: Callable[[str], None]) -> list[Measured]:
    """Everything on Kafka, Cassandra and Redis; they are started in `folder`, and ended."""
    servers = Servers(folder / "servers")
    platform = RolesPlatform(folder / "roles", {**servers.environment(), **SETTINGS})
    say("starting Kafka, Cassandra and Redis")
    try:
        await asyncio.to_thread(servers.up)
        await asyncio.to_thread(platform.prepare)
        return [
            *await _alone(platform, seconds, messages, say),
            *await _together(platform, seconds, servers, say),
        ]
    finally:
        await asyncio.to_thread(platform.stop)
        await asyncio.to_thread(servers.down)


async def _alone(platform: RolesPlatform, seconds: float, messages: int, say: Callable[[str], None]) -> list[Measured]:
    processes, secret = platform.processes, platform.environment["PARLEY_INTERNAL_SECRET"]
    url = processes["gateway-1"].environment["PARLEY_CHAT_URL"]
    found: list[Measured] = []

    def note(measured: Measured) -> None:
        say(f"{measured.name} alone: {measured.rate:,.0f} a second, {measured.cost(measured.name):.0f} us of its CPU")
        found.append(measured)

    async with _adapters(platform) as backends:
        note(await chat_alone(processes["chat-1"], url, secret, messages))
        await asyncio.to_thread(processes["chat-1"].stop)
        note(
            await backlog_alone("sequencer", processes["sequencer-1"], lag_of(backends.log, INGRESS.name, "sequencer"))
        )
        await asyncio.to_thread(processes["sequencer-1"].stop)
        async with everybody_connected(backends.registry, users_of_chat()):
            note(await backlog_alone("fanout", processes["fanout-1"], lag_of(backends.log, TIMELINE.name, "fanout")))
            await asyncio.to_thread(processes["fanout-1"].stop)
    async with echo_chat(int(url.rpartition(":")[2]), secret):
        (address,) = platform.socket_servers
        note(await gateway_alone(processes["gateway-1"], address, token_of(platform.secret), PAIRS, seconds))
        await asyncio.to_thread(processes["gateway-1"].stop)
    return found


async def _together(
    platform: RolesPlatform, seconds: float, servers: Servers, say: Callable[[str], None]
) -> list[Measured]:
    await asyncio.to_thread(platform.start)
    everything = [*platform.processes.values(), *servers.processes]
    (address,) = platform.socket_servers
    return await load("real servers", address, platform.secret, everything, seconds, say)


async def embedded(folder: Path, seconds: float, say: Callable[[str], None]) -> list[Measured]:
    """All roles in one process on SQLite, as `parley dev` runs them."""
    port = Ports(folder).of("dev")
    command = [str(PARLEY), "dev", "--port", str(port), "--data", str(folder / "data")]
    process = ServerProcess(
        "parley dev", f"127.0.0.1:{port}", folder / "process", command, lambda: _ask(port), SETTINGS
    )
    try:
        process.start()
        await asyncio.to_thread(process.wait_ready, _READY_S)
        secret = (folder / "data" / "jwt-secret").read_text().strip()
        return await load("embedded", ("127.0.0.1", port), secret, [process], seconds, say)
    finally:
        await asyncio.to_thread(process.stop)


async def load(
    name: str,
    address: tuple[str, int],
    secret: str,
    processes: list[ServerProcess],
    seconds: float,
    say: Callable[[str], None],
    warm_s: float = _WARM_S,
) -> list[Measured]:
    """Full load, then the steady pace at which latencies count."""
    pids = {process.name: process.pid for process in processes if process.pid is not None}
    pids["load generator"] = os.getpid()
    people = Load(PAIRS)
    await people.open(address, token_of(secret))
    try:
        await people.flood("warm", UNDER_WAY, warm_s, {})
        full = await people.flood(f"{name}, full load", UNDER_WAY, seconds, pids)
        say(f"{full.name}: {full.rate:,.0f} messages a second, {full.out_of_order} out of order")
        paced = await people.paced(f"{name}, {PACE:.0f} a second", PACE, seconds, pids)
        say(f"{paced.name}: {len(paced.delivered)} delivered, {paced.out_of_order} out of order")
    finally:
        people.close()
    return [full, paced]


def token_of(secret: str) -> Callable[[str], str]:
    """Tokens that outlive the benchmark."""
    return lambda user: mint_token(secret, user, expires_at_s=int(time.time()) + 24 * 3600)


@asynccontextmanager
async def _adapters(platform: RolesPlatform) -> AsyncIterator[Backends]:
    with mock.patch.dict(os.environ, platform.environment):
        settings = load_settings(node_name="")
    backends = await connect(settings, wanted=frozenset({"log", "registry"}))
    try:
        yield backends
    finally:
        await backends.close()


def _ask(port: int) -> None:
    httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=3).raise_for_status()


def to_stderr(text: str) -> None:
    """Show progress."""
    print(f"bench: {text}", file=sys.stderr, flush=True)

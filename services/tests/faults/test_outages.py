"""Servers that are away, from the start or later: what people are told meanwhile, and that everything heals alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from e2e.backends.backends import Backends as Servers
from e2e.platform.roles_platform import RolesPlatform

from parley.adapters.jwt.mint import mint_token
from parley.contract import READINESS_PATH
from tests.patience import STILL_S

pytestmark = [pytest.mark.fault, pytest.mark.servers, pytest.mark.slow]
SETTINGS = {"PARLEY_LOG_LEVEL": "warning", "PARLEY_DRAIN_MS": "500"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    own = Servers(tmp_path_factory.mktemp("servers"))
    try:
        own.up()
        yield own
    finally:
        own.down()


@pytest.fixture(scope="module")
def platform(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RolesPlatform]:
    """Every role, started while Kafka is away; nothing is awaited."""
    roles = RolesPlatform(tmp_path_factory.mktemp("roles"), servers.environment() | SETTINGS)
    try:
        roles.prepare()
        servers.kafka.stop()
        for process in roles.processes.values():
            process.start()
        yield roles
    finally:
        roles.stop()


@asynccontextmanager
async def http(platform: RolesPlatform, user: str = "ann") -> AsyncIterator[httpx.AsyncClient]:
    token = mint_token(platform.secret, user, expires_at_s=int(time.time()) + 3600)
    (address,) = platform.http_servers
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=f"http://{address[0]}:{address[1]}", headers=headers, timeout=STILL_S
    ) as client:
        yield client


async def send(client: httpx.AsyncClient, key: str, *, retry: bool = False) -> httpx.Response:
    body = {"client_msg_id": key, "content": {"text": key}, "retry": retry}
    return await client.post("/v1/direct/bob/messages", json=body)


async def texts(client: httpx.AsyncClient, conversation: str) -> list[str]:
    page = await client.get(f"/v1/conversations/{conversation}/messages")
    page.raise_for_status()
    return [entry["content"]["text"] for entry in page.json()["messages"] if entry.get("content")]


async def eventually(holds: Callable[[], Awaitable[Any]]) -> None:
    """Until it holds, or with the last error."""
    deadline = time.monotonic() + STILL_S
    while True:
        try:
            if await holds():
                return
            error: Exception = AssertionError("it did not come true")
        except (httpx.HTTPError, AssertionError) as problem:
            error = problem
        if time.monotonic() > deadline:
            raise error
        await asyncio.sleep(0.2)


async def readiness(platform: RolesPlatform, name: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=STILL_S) as client:
        return await client.get(f"http://{platform.processes[name].address}{READINESS_PATH}")


async def test_g8_roles_that_start_without_kafka_wait_for_it_and_say_so(
    servers: Servers, platform: RolesPlatform
) -> None:
    for name in ("chat-1", "sequencer-1", "fanout-1"):

        async def says_why(name: str = name) -> bool:
            answer = await readiness(platform, name)
            return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and "Kafka at 127.0.0.1" in answer.text

        await eventually(says_why)
    await asyncio.to_thread(servers.kafka.start)
    for process in platform.processes.values():
        await asyncio.to_thread(process.wait_ready, STILL_S)


async def test_g1_without_kafka_nothing_is_acknowledged_and_a_retry_afterwards_makes_one_message(
    servers: Servers, platform: RolesPlatform
) -> None:
    async with http(platform) as ann:
        await eventually(lambda: _accepted(ann, "before"))
        conversation = (await send(ann, "before", retry=True)).json()["conversation"]
        await asyncio.to_thread(servers.kafka.processes[0].kill)
        refused = await send(ann, "during")
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE, refused.text
        assert refused.json()["code"] == "unavailable"
        assert refused.headers["retry-after"]
        await asyncio.to_thread(servers.kafka.start)
        await eventually(lambda: _accepted(ann, "during", retry=True))
        await eventually(lambda: _shows(ann, conversation, ["before", "during"]))


async def test_g8_without_the_store_sends_are_accepted_and_reading_says_why_it_cannot(
    servers: Servers, platform: RolesPlatform
) -> None:
    async with http(platform, "cho") as cho:
        await eventually(lambda: _accepted(cho, "first"))
        conversation = (await send(cho, "first", retry=True)).json()["conversation"]
        await eventually(lambda: _shows(cho, conversation, ["first"]))
        await asyncio.to_thread(servers.cassandra.process.kill)
        assert (await send(cho, "second")).status_code == httpx.codes.ACCEPTED
        reading = await cho.get(f"/v1/conversations/{conversation}/messages")
        assert reading.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "the store at 127.0.0.1" in reading.text
        assert (await readiness(platform, "chat-1")).status_code == httpx.codes.OK, "all of chat lost the same store"
        await asyncio.to_thread(servers.cassandra.start)
        await eventually(lambda: _shows(cho, conversation, ["first", "second"]))


async def _accepted(client: httpx.AsyncClient, key: str, *, retry: bool = False) -> bool:
    answer = await send(client, key, retry=retry)
    return answer.status_code == httpx.codes.ACCEPTED


async def _shows(client: httpx.AsyncClient, conversation: str, wanted: list[str]) -> bool:
    return await texts(client, conversation) == wanted

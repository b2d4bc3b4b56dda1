"""One trace through six processes, over HTTP, Kafka and Redis, and past one that knows nothing of traces."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from e2e.platform.roles_platform import RolesPlatform

from parley.adapters.jwt.mint import mint_token
from parley.cli.front import serve_front
from parley.client import ParleyClient
from parley.runtime.settings import Settings
from tests.engines import fresh_settings
from tests.otlp_receiver import Receiver, TakenSpan, receiving
from tests.patience import STILL_S

pytestmark = [pytest.mark.servers, pytest.mark.slow]

WAY = [
    ("parley-gateway", "receive socket"),
    ("parley-chat", "send ingress"),
    ("parley-sequencer", "process ingress"),
    ("parley-fanout", "process timeline"),
    ("parley-gateway", "deliver channel"),
]
SILENT = ("parley-sequencer", "process ingress")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@asynccontextmanager
async def platform(folder: Path, settings: Settings, receiver: Receiver) -> AsyncIterator[RolesPlatform]:
    """Every role as a process of its own, all told of the same collector."""
    names = ("log_url", "store_url", "registry_url", "log_prefix", "registry_prefix", "partitions")
    shared = {f"PARLEY_{name.upper()}": str(getattr(settings, name)) for name in names}
    traces = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    roles = RolesPlatform(folder / "roles", shared | traces | {"PARLEY_LOG_LEVEL": "warning", "PARLEY_DRAIN_MS": "500"})
    try:
        await asyncio.to_thread(roles.start)
        yield roles
    finally:
        await asyncio.to_thread(roles.stop)


async def talk(roles: RolesPlatform, text: str) -> None:
    """Say this, and wait until it is heard."""
    async with await serve_front("127.0.0.1", 0, roles.socket_servers, roles.http_servers) as front:
        url = f"http://127.0.0.1:{front.sockets[0].getsockname()[1]}"
        tokens = {user: mint_token(roles.secret, user, expires_at_s=int(time.time()) + 3600) for user in ("ann", "bob")}
        async with (
            ParleyClient(url, tokens["ann"], listen=False) as ann,
            ParleyClient(url, tokens["bob"], start="beginning") as bob,
            asyncio.timeout(STILL_S),
        ):
            await ann.send(text, to="bob")
            async for message in bob.messages():
                if message.entry.content is not None and message.entry.content.text == text:
                    return


def way_of(spans: list[TakenSpan]) -> list[tuple[str, str]]:
    below = {span.parent: span for span in spans}
    way, place = [], ""
    while place in below:
        way.append((below[place].service, below[place].name))
        place = below[place].identifier
    return way


async def test_one_trace_follows_a_message_also_past_a_process_that_records_nothing(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with fresh_settings() as settings, platform(tmp_path, settings, receiver) as roles:
        await talk(roles, "from process to process")
        spans = await asyncio.to_thread(receiver.until, len(WAY))
        assert len({span.trace for span in spans}) == 1
        assert way_of(spans) == WAY
        sequencer = roles.processes["sequencer-1"]
        await asyncio.to_thread(sequencer.stop)
        sequencer.environment = {**sequencer.environment, "OTEL_SDK_DISABLED": "true"}
        await asyncio.to_thread(sequencer.start)
        await asyncio.to_thread(sequencer.wait_ready, 60)
        await talk(roles, "past one that records nothing")
        later = (await asyncio.to_thread(receiver.until, 2 * len(WAY) - 1))[len(WAY) :]
    assert way_of(later) == [stage for stage in WAY if stage != SILENT], "it hands the context on"

"""A broker whose disk is full: what was acknowledged stays, what was not is refused, and room heals it."""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.backends.backends import Backends as Servers

from parley.adapters.addresses import kafka_access
from parley.adapters.connect import connect
from parley.adapters.kafka.topic_admin import TopicAdmin
from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.position import offset_of
from parley.ports.event_log import EventLog
from parley.runtime.settings import Settings, load_settings
from tests.patience import STILL_S

pytestmark = [pytest.mark.servers, pytest.mark.slow]
RECORD_BYTES = 200_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 megabytes, where the broker of a folder keeps its data."""
    disk = tmp_path / "kafka" / "broker-1" / "data"
    disk.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root: the full-disk test is left out")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def broker(small_disk: Path, tmp_path: Path) -> Iterator[Servers]:
    assert small_disk.is_mount()
    servers = Servers(tmp_path)
    try:
        servers.kafka.start()
        servers.kafka.wait_ready()
        yield servers
    finally:
        servers.kafka.stop()


def settings_of(servers: Servers) -> Settings:
    environment = servers.environment()
    urls = {f"{part}_url": environment[f"PARLEY_{part.upper()}_URL"] for part in ("log", "store", "registry")}
    return load_settings(**urls, partitions=1)


async def append(log: EventLog, number: int) -> None:
    await log.append(INGRESS.name, 0, [number.to_bytes(4, "big") + os.urandom(RECORD_BYTES)])


async def fill(log: EventLog) -> tuple[list[int], ParleyError]:
    """Append until it is refused; tells what was acknowledged before."""
    acknowledged: list[int] = []
    for number in range(10_000):
        try:
            await append(log, number)
        except ParleyError as error:
            return acknowledged, error
        acknowledged.append(number)
    raise AssertionError("the disk never filled up")


async def healed(log: EventLog, number: int) -> None:
    deadline = time.monotonic() + STILL_S
    while True:
        try:
            return await append(log, number)
        except ParleyError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)


async def read(log: EventLog) -> list[int]:
    consumer, found = log.consumer(INGRESS.name, "test"), list[int]()
    end = offset_of(await log.end(INGRESS.name, 0))
    while len(found) < end:
        found += [int.from_bytes(record.value[:4], "big") for record in (await consumer.poll(100, 1.0)).records]
    await consumer.close()
    return found


async def test_g1_a_full_disk_refuses_appends_and_loses_nothing_that_was_acknowledged(
    broker: Servers, small_disk: Path
) -> None:
    settings = settings_of(broker)
    await asyncio.to_thread(TopicAdmin(kafka_access(settings), 1).apply)
    backends = await connect(settings, wanted=frozenset({"log"}))
    try:
        acknowledged, refusal = await fill(backends.log)
        assert refusal.code is ErrorCode.UNAVAILABLE
        assert len(acknowledged) > 50
        subprocess.run(["mount", "-o", "remount,size=256m", str(small_disk)], check=True)
        await asyncio.to_thread(broker.kafka.start)
        await healed(backends.log, 1_000_000)
        found = await read(backends.log)
    finally:
        await backends.close()
    assert found[: len(acknowledged)] == acknowledged
    assert found[-1] == 1_000_000

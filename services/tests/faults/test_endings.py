"""G1 and G8: a full disk and an orderly stop lose nothing, and both heal."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection

from parley.client import ErrorCode
from tests.faults.healthy_pair import healthy_pair
from tests.faults.raw_socket import Frame, greet, hear, raw_socket, say
from tests.patience import STILL_S
from tests.platform import Platform

pytestmark = pytest.mark.fault


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root: the full-disk test is left out")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_g1_a_full_disk_refuses_what_it_cannot_keep_and_heals_when_there_is_room(small_disk: Path) -> None:
    settings = {"PARLEY_SENDS_PER_SECOND": "100000", "PARLEY_SENDS_BURST": "100000", "PARLEY_LOG_LEVEL": "error"}
    platform = Platform(small_disk / "data", settings, log_folder=small_disk.parent).start()
    try:
        async with healthy_pair(platform) as pair, raw_socket(platform) as socket:
            await greet(socket, platform.token("filler"))
            refusal = await _fill(socket)
            assert refusal["code"] == ErrorCode.UNAVAILABLE
            assert refusal["retryable"] is True
            assert "free" in refusal["message"]
            await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
            await pair.some_more()
    finally:
        platform.kill()


async def _fill(socket: ClientConnection) -> Frame:
    """Send until something is refused."""
    async with asyncio.timeout(STILL_S):
        for number in range(10_000):
            frame = {"type": "send", "id": str(number), "client_msg_id": f"fill-{number}", "to": "filler"}
            await say(socket, {**frame, "content": {"text": "x" * 12_000}})
            answer = await hear(socket, "ack", "error")
            if answer["type"] == "error":
                return answer
            await say(socket, {"type": "received", "cursors": {}})
    raise AssertionError("the disk never filled up")


async def test_g8_a_stop_sends_clients_away_and_the_next_start_has_everything(tmp_path: Path) -> None:
    settings = {"PARLEY_DRAIN_MS": "1000", "PARLEY_LOG_LEVEL": "warning"}
    platform = Platform(tmp_path / "data", settings).start()
    try:
        async with healthy_pair(platform) as pair, raw_socket(platform) as socket:
            await greet(socket, platform.token("guest"))
            stopping = asyncio.create_task(asyncio.to_thread(platform.stop))
            goaway = await hear(socket, "goaway")
            assert goaway["within_ms"] <= 1000
            assert await stopping == 0
            await asyncio.to_thread(platform.start)
            await pair.some_more()
    finally:
        platform.kill()

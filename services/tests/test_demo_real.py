"""The README's way to real servers: `make backends`, `make demo-real`, `make backends-down`."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from e2e.platform.roles_platform import RolesPlatform

from parley.adapters.jwt.mint import mint_token
from parley.client import ParleyClient

pytestmark = [pytest.mark.servers, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
START_S = 180.0


def make(folder: Path, *arguments: str) -> list[str]:
    return ["make", "--no-print-directory", *arguments, f"BACKENDS={folder}", f"VENV={Path(sys.executable).parents[1]}"]


@pytest.fixture
def backends(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "backends"
    subprocess.run(make(folder, "backends"), cwd=ROOT, check=True, capture_output=True, timeout=START_S)
    try:
        yield folder
    finally:
        subprocess.run(make(folder, "backends-down"), cwd=ROOT, check=True, capture_output=True, timeout=START_S)


@pytest.fixture
def demo(backends: Path, tmp_path: Path) -> Iterator[str]:
    log = tmp_path / "demo.log"
    with log.open("w") as out:
        command = make(backends, "demo-real", "PORT=0")
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)
    try:
        yield announced_url(log, process)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def announced_url(log: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"Parley runs at (http://\S+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"the demo did not start:\n{log.read_text()}")


async def test_the_page_and_a_conversation_work_on_real_servers(demo: str, backends: Path) -> None:
    async with httpx.AsyncClient() as client:
        page = await client.get(demo)
    assert page.status_code == httpx.codes.OK
    assert "<title>Parley" in page.text
    secret = RolesPlatform(backends / "roles", {}).secret

    def token(user: str) -> str:
        return mint_token(secret, user, expires_at_s=int(time.time()) + 3600)

    async with ParleyClient(demo, token("ann")) as ann, ParleyClient(demo, token("bob")) as bob:
        await ann.send("on real servers", to="bob")
        async with asyncio.timeout(60):
            message = await anext(bob.messages())
    assert message.entry.content is not None
    assert message.entry.content.text == "on real servers"


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    folder = tmp_path / "backends"
    subprocess.run(make(folder, "backends"), cwd=ROOT, check=True, capture_output=True, timeout=START_S)
    pids = [int(file.read_text().split()[0]) for file in folder.rglob("pid")]
    assert len(pids) == 3
    subprocess.run(make(folder, "backends-down"), cwd=ROOT, check=True, capture_output=True, timeout=START_S)
    assert not folder.exists()
    assert not [pid for pid in pids if runs(pid)]


def runs(pid: int) -> bool:
    """Whether a process runs; one whose exit nobody has asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False

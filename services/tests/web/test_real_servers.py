"""The README's way to real servers: `make backends`, `make demo-real`, two people in Chromium, `make backends-down`."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.window import WIDE, Window, open_window

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]
ROOT = Path(__file__).parents[3]
START_S = 180.0


def make(folder: Path, *arguments: str) -> list[str]:
    return ["make", "--no-print-directory", *arguments, f"BACKENDS={folder}", f"VENV={Path(sys.executable).parents[1]}"]


def run_make(folder: Path, target: str) -> None:
    subprocess.run(make(folder, target), cwd=ROOT, check=True, capture_output=True, timeout=START_S)


@contextmanager
def demo(folder: Path, log: Path) -> Iterator[str]:
    """`make demo-real` on the servers of this folder; tells the page's address."""
    with log.open("w") as out:
        command = make(folder, "demo-real", "PORT=0")
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


def runs(pid: int) -> bool:
    """Whether a process runs; one whose exit nobody has asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def talk(ann: Window, bob: Window) -> None:
    """A message, its receipts, and an answer."""
    ann.write_to(bob.user)
    ann.say("on real servers")
    bob.open(ann.user)
    expect(bob.message("on real servers")).to_be_visible()
    ann.expect_ticks("on real servers", "read")
    bob.say("indeed")
    expect(ann.message("indeed")).to_be_visible()


def test_the_page_works_on_real_servers_and_nothing_is_left_behind(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "backends"
    try:
        run_make(folder, "backends")
        pids = [int(file.read_text().split()[0]) for file in folder.rglob("pid")]
        with demo(folder, tmp_path / "demo.log") as url:
            windows = [open_window(browser, url, user, WIDE, "light").sign_in() for user in ("ann", "bob")]
            talk(*windows)
            pids += [int(file.read_text().split()[0]) for file in (folder / "roles").rglob("pid")]
    finally:
        run_make(folder, "backends-down")
    assert len(pids) == 3 + 6, "three servers, and a process for each role"
    assert not folder.exists()
    assert not [pid for pid in pids if runs(pid)]

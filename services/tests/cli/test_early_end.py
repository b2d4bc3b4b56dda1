"""A process that is told to end while it still starts ends at once, even as process 1 of its container."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.patience import STILL_S

SIGTERM_BIT = 1 << (signal.SIGTERM - 1)


def test_nothing_that_takes_time_comes_before_the_signal_is_listened_for() -> None:
    for package in ("parley", "parley_operator"):
        code = f"import sys, {package}.cli.entry; print(sorted({{'click', 'asyncio', 'structlog'}} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]", package


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="makes a process namespace, as root on Linux")
@pytest.mark.parametrize("command", [["parley.cli", "run", "gateway"], ["parley_operator.cli", "run"]])
def test_a_first_process_that_still_starts_ends_when_told(command: list[str]) -> None:
    first = [sys.executable, "-m", *command]
    process = subprocess.Popen(["unshare", "--pid", "--fork", "--kill-child=SIGKILL", *first], stderr=subprocess.PIPE)
    inside = _child(process.pid)
    _until_listening(inside)
    os.kill(inside, signal.SIGTERM)
    assert process.wait(STILL_S) == 128 + signal.SIGTERM


def _child(pid: int) -> int:
    deadline = time.monotonic() + STILL_S
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := children.read_text().split()):
        assert time.monotonic() < deadline, "unshare made no process"
        time.sleep(0.001)
    return int(found[0])


def _until_listening(pid: int) -> None:
    """Until it has a handler for SIGTERM."""
    deadline = time.monotonic() + STILL_S
    while True:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        caught = next(line for line in lines if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) & SIGTERM_BIT:
            return
        assert time.monotonic() < deadline, "it never listened"
        time.sleep(0.001)

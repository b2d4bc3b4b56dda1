"""What a server's process is given before it becomes the server."""

import sys
import time
from pathlib import Path

import pytest

from e2e.backends.process import ServerProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="timer slack is Linux's")


@pytest.mark.parametrize("bound", [True, False])
def test_threads_of_a_server_may_be_woken_as_late_as_it_was_said(tmp_path: Path, bound: bool) -> None:  # noqa: FBT001
    assert _slack_ns(_sleeper(tmp_path, bound=bound, timer_slack_us=500)) == 500_000


def test_a_server_of_which_nothing_was_said_keeps_the_slack_of_its_starter(tmp_path: Path) -> None:
    assert _slack_ns(_sleeper(tmp_path, bound=False, timer_slack_us=0)) == int(_SLACK_HERE.read_text())


_SLACK_HERE = Path("/proc/self/timerslack_ns")


def _sleeper(folder: Path, *, bound: bool, timer_slack_us: int) -> ServerProcess:
    """A process that writes down the slack of a thread of its own, which it inherited, and goes on."""
    script = (
        "import threading, time, pathlib\n"
        "def note():\n"
        "    slack = pathlib.Path(f'/proc/{threading.get_native_id()}/timerslack_ns').read_text()\n"
        "    pathlib.Path('slack').write_text(slack)\n"
        "threading.Thread(target=note).start()\n"
        "time.sleep(600)"
    )
    command = [sys.executable, "-c", script]
    return ServerProcess("sleeper", "", folder, command, lambda: None, bound=bound, timer_slack_us=timer_slack_us)


def _slack_ns(process: ServerProcess) -> int:
    file = process.folder / "slack"
    process.start()
    try:
        while process.alive and not (file.exists() and file.read_text()):
            time.sleep(0.01)
        return int(file.read_text())
    finally:
        process.kill()

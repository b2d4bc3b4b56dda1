"""One server process: started, ended, killed, paused, and found again by a later command."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from e2e.backends.failure import BackendError
from e2e.backends.process_id import remember, remembered

STOP_S = 20.0
KILL_S = 60.0
_PARENT_DEATH_SIGNAL = 1
_TIMER_SLACK = 29
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="starter")
"""The system ends bound processes with the thread that started them, so that this one lives as long as we do."""


@dataclass
class ServerProcess:
    """A process with a fixed address and folder, so that it can be started again after any end.

    `probe` raises while the server does not answer. With `bound` the process ends with the one that started it.
    `timer_slack_us` is how late the system may wake threads that sleep for a set time; 0 leaves its own 50 us (Linux).
    """

    name: str
    address: str
    folder: Path
    command: Sequence[str]
    probe: Callable[[], None]
    environment: Mapping[str, str] = field(default_factory=dict)
    bound: bool = True
    timer_slack_us: int = 0
    _child: subprocess.Popen[bytes] | None = None

    @property
    def log_path(self) -> Path:
        """Where its output goes."""
        return self.folder / "server.log"

    @property
    def pid(self) -> int | None:
        """The process id; None when it does not run."""
        return remembered(self.folder / "pid")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        if self._child is not None:
            self._child.poll()
        return self.pid is not None

    def start(self) -> None:
        """Start it unless it runs; it is not awaited."""
        if self.alive:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = _STARTER.submit(self._spawn).result()
        remember(self._child.pid, self.folder / "pid")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=self._prepared(),  # noqa: PLW1509 - it only makes system calls
            )

    def _prepared(self) -> Callable[[], None] | None:
        """What the new process does before it becomes the server."""
        slack_us = self.timer_slack_us if sys.platform == "linux" else 0
        return partial(_prepare, bound=self.bound, slack_us=slack_us) if self.bound or slack_us else None

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until it answers; raises BackendError that shows the end of its log."""
        deadline = time.monotonic() + timeout_s
        cause = "it was not asked"
        while time.monotonic() < deadline:
            if not self.alive:
                code = None if self._child is None else self._child.returncode
                raise BackendError(f"{self.name} ended while it started (exit code {code}):\n{self.log_tail()}")
            try:
                self.probe()
            except Exception as error:  # noqa: BLE001 - each client has errors of its own
                cause = str(error)
                time.sleep(0.1)
            else:
                return
        raise BackendError(f"{self.name} did not answer within {timeout_s:g} s ({cause}):\n{self.log_tail()}")

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        deadline = time.monotonic() + STOP_S
        while self.alive and time.monotonic() < deadline:
            time.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """End it without a word (SIGKILL)."""
        self._signal(signal.SIGKILL)
        deadline = time.monotonic() + KILL_S
        while self.alive:
            if time.monotonic() > deadline:
                raise BackendError(f"{self.name} (pid {self.pid}) does not end: the kernel holds it. Look at its disk")
            time.sleep(0.01)

    def pause(self) -> None:
        """Freeze it: its connections stay open, and nobody answers (SIGSTOP)."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after a pause."""
        self._signal(signal.SIGCONT)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        with suppress(OSError):
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        return "(no log)"

    def _signal(self, number: signal.Signals) -> None:
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _prepare(*, bound: bool, slack_us: int) -> None:
    system = ctypes.CDLL(None)
    if bound:
        system.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if slack_us:
        system.prctl(_TIMER_SLACK, ctypes.c_ulong(slack_us * 1_000))

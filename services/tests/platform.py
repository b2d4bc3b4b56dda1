"""A real `parley dev` process for tests: started, killed and started again on the same folder."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from e2e.backends.http_probe import asked

from parley.adapters.jwt.mint import mint_token
from tests.patience import STILL_S


@dataclass
class Platform:
    """One platform on one folder; the port is chosen at the first start and kept, so that clients find it again."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[str] | None = None
    log_folder: Path | None = None

    @property
    def url(self) -> str:
        """Where page, API and socket are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the process wrote to stderr, over all its lives."""
        return (self.log_folder or self.data.parent) / f"{self.data.name}.log"

    def token(self, user: str, *, seconds: int = 3600) -> str:
        """A token signed with the platform's development key; a negative life gives an expired one."""
        secret = (self.data / "jwt-secret").read_text().strip()
        return mint_token(secret, user, expires_at_s=int(time.time()) + seconds)

    def start(self) -> "Platform":
        """Start the process and wait until it is ready; fails with its log when it ends or takes too long."""
        command = [sys.executable, "-m", "parley.cli", "dev", "--port", str(self.port), "--data", str(self.data)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **self.environment}
            )
        deadline = time.monotonic() + STILL_S
        if self.port == 0:
            self.port = self._announced_port(deadline)
        while not self._ready():
            self._check(deadline)
            select.select([], [], [], 0.02)
        return self

    def kill(self) -> None:
        """End it as a power cut would: kill -9, without any chance to finish."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code once it has drained."""
        return self._end(signal.SIGTERM)

    def restart(self) -> "Platform":
        """Kill it and start it again on the same folder and port."""
        self.kill()
        return self.start()

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            process.communicate(timeout=STILL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return process.returncode

    def _announced_port(self, deadline: float) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        while True:
            self._check(deadline)
            readable, _, _ = select.select([self.process.stdout], [], [], 0.1)
            line = self.process.stdout.readline() if readable else ""
            if "http://" in line:
                return int(line.rsplit(":", 1)[1])

    def _ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return asked(f"{self.url}/readyz", 5).status_code == httpx.codes.OK
        return False

    def _check(self, deadline: float) -> None:
        assert self.process is not None
        ended = self.process.poll() is not None
        if ended or time.monotonic() > deadline:
            state = f"ended with {self.process.returncode}" if ended else "was not ready in time"
            raise AssertionError(f"the platform {state}:\n{self.log.read_text()[-4000:]}")

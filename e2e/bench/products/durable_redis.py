"""One Redis that keeps what it has accepted: every write is in its log on disk before it is answered."""

import shutil
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

import redis

from e2e.backends.failure import BackendError
from e2e.backends.ports import free_port
from e2e.backends.process import ServerProcess

HOST: Final = "127.0.0.1"
DURABILITY: Final = "append-only file with appendfsync always: Redis answers a write after fsync"
_SETTINGS: Final = {"bind": HOST, "save": "", "appendonly": "yes", "appendfsync": "always", "loglevel": "warning"}
_READY_S: Final = 30.0


def redis_missing() -> str | None:
    """Why no Redis can run here; None when one can."""
    if shutil.which("redis-server") is None:
        return "redis-server is not on the path. As root on Debian: apt-get install redis-server"
    return None


class DurableRedis:
    """A server on a free port of 127.0.0.1; it ends with our process."""

    def __init__(self, folder: Path) -> None:
        """Prepare the server; nothing runs yet, and the folder may not be there."""
        program = shutil.which("redis-server")
        if program is None:
            raise BackendError(str(redis_missing()))
        self._program = program
        self.port = free_port()
        settings = [part for name, value in _SETTINGS.items() for part in (f"--{name}", value)]
        command = [program, "--port", str(self.port), *settings]
        self._process = ServerProcess("redis", f"{HOST}:{self.port}", folder, command, self._probe)

    @cached_property
    def version(self) -> str:
        """As it names itself: `Redis 7.0.15`, say."""
        told = subprocess.run([self._program, "--version"], capture_output=True, check=True, text=True).stdout
        return "Redis " + told.partition("v=")[2].partition(" ")[0]

    @property
    def processes(self) -> Mapping[str, int]:
        """Its process, under the name `redis`."""
        pid = self._process.pid
        return {} if pid is None else {"redis": pid}

    def start(self) -> None:
        """Start, and return when it answers."""
        self._process.start()
        self._process.wait_ready(_READY_S)

    def stop(self) -> None:
        """End it."""
        self._process.kill()

    def _probe(self) -> None:
        with redis.Redis(host=HOST, port=self.port, socket_timeout=3) as client:
            client.ping()

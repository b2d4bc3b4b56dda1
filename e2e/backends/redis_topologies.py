"""Redis as large installations have it: a master that Sentinel knows, and a cluster of two masters."""

import shutil
import time
from pathlib import Path
from typing import Any, Final

import redis

from e2e.backends.failure import BackendError
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess

MASTER: Final = "parley"
_READY_S: Final = 20.0
_SLOTS: Final = 16_384
_NO_DISK: Final = ("--save", "", "--appendonly", "no")


def redis_process(folder: Path, name: str, port: int, *options: str) -> ServerProcess:
    """A Redis server of any kind, which is not started yet."""
    program = shutil.which("redis-server")
    if program is None:
        raise BackendError("redis-server is needed. On Debian: apt-get install redis-server")
    command = [program, *options, "--bind", "127.0.0.1", "--port", str(port), "--protected-mode", "no"]

    def probe() -> None:
        with redis.Redis(port=port, socket_timeout=3) as client:
            client.ping()

    return ServerProcess(name, f"127.0.0.1:{port}", folder / name, command, probe)


class SentinelRedis:
    """One master and one Sentinel, which is asked where the master is."""

    def __init__(self, folder: Path) -> None:
        """Prepare both; nothing runs yet."""
        self.folder = folder
        ports = Ports(folder)
        self._master_port, self._port = ports.of("master"), ports.of("sentinel")
        self._master = redis_process(folder, "master", self._master_port, *_NO_DISK)
        self._home = folder / "sentinel"
        self._sentinel = redis_process(folder, "sentinel", self._port, "sentinel.conf", "--sentinel")
        self.url = f"redis+sentinel://127.0.0.1:{self._port}/{MASTER}"

    def up(self) -> None:
        """Start both."""
        self._home.mkdir(parents=True)
        (self._home / "sentinel.conf").write_text(f"sentinel monitor {MASTER} 127.0.0.1 {self._master_port} 1\n")
        for process in (self._master, self._sentinel):
            process.start()
            process.wait_ready(_READY_S)

    def down(self) -> None:
        """End both."""
        for process in (self._sentinel, self._master):
            process.stop()


class ClusterRedis:
    """Two masters that share the slots: a command on keys of both is refused."""

    def __init__(self, folder: Path) -> None:
        """Prepare both; nothing runs yet."""
        self.folder = folder
        ports = Ports(folder)
        self._ports = [ports.of("node-1"), ports.of("node-2")]
        bus = [ports.of("bus-1"), ports.of("bus-2")]
        self._nodes = [
            redis_process(
                folder, f"node-{n}", port, "--cluster-enabled", "yes", "--cluster-port", str(bus[n - 1]), *_NO_DISK
            )
            for n, port in enumerate(self._ports, 1)
        ]
        self._bus = bus
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{port}" for port in self._ports)

    def up(self) -> None:
        """Start both, share the slots, and wait until the cluster says that it serves."""
        for process in self._nodes:
            process.start()
            process.wait_ready(_READY_S)
        half = _SLOTS // 2
        first, second = (redis.Redis(port=port, socket_timeout=3, decode_responses=True) for port in self._ports)
        with first, second:
            _ask(first, "CLUSTER", "ADDSLOTSRANGE", 0, half - 1)
            _ask(second, "CLUSTER", "ADDSLOTSRANGE", half, _SLOTS - 1)
            _ask(first, "CLUSTER", "MEET", "127.0.0.1", self._ports[1], self._bus[1])
            deadline = time.monotonic() + _READY_S
            while not all(_serves(node) for node in (first, second)):
                if time.monotonic() > deadline:
                    raise BackendError(f"the Redis cluster does not serve: {_ask(first, 'CLUSTER INFO')}")
                time.sleep(0.05)

    def down(self) -> None:
        """End both."""
        for process in self._nodes:
            process.stop()


def _serves(node: redis.Redis) -> bool:
    return bool(_ask(node, "CLUSTER INFO")["cluster_state"] == "ok")


def _ask(node: redis.Redis, *command: str | int) -> Any:  # noqa: ANN401 - as Redis answers
    return node.execute_command(*command)  # type: ignore[no-untyped-call]

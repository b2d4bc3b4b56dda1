"""The small real platform of the check: two gateways and one process of each other role, on real servers."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from e2e.backends.backends import Backends
from e2e.backends.process import ServerProcess
from e2e.bench.stages.measure import cpu_of
from e2e.bench.stages.runs import SETTINGS, token_of
from e2e.platform.roles_platform import RolesPlatform
from e2e.process_usage import resident_bytes
from parley.cli.front import serve_front

_READY_S = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Look:
    """CPU seconds of ours by process, and of the whole machine, at one moment."""

    ours: Mapping[str, float]
    machine: float
    at: float


@dataclass
class RealPlatform:
    """It runs, behind one address; `cost` measures what something costs each process."""

    platform: RolesPlatform
    servers: Backends
    address: tuple[str, int]

    @property
    def url(self) -> str:
        """Where people connect."""
        return f"http://{self.address[0]}:{self.address[1]}"

    def token(self, user: str) -> str:
        """A token of this user."""
        return token_of(self.platform.secret)(user)

    def gateway(self, number: int) -> ServerProcess:
        """One of the two."""
        return self.platform.processes[f"gateway-{number}"]

    def direct(self, number: int) -> tuple[str, int]:
        """Where this gateway itself listens."""
        return self.platform.socket_servers[number - 1]

    async def start_again(self, number: int) -> None:
        """Bring a gateway back, and wait until it serves."""
        self.gateway(number).start()
        await asyncio.to_thread(self.gateway(number).wait_ready, _READY_S)

    def look(self) -> Look:
        """CPU seconds of everything that runs, and of ourselves as `client`."""
        busy = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        # All but the fourth and fifth, which are idle and waiting for disks.
        return Look(self._cpu(), (sum(busy) - busy[3] - busy[4]) / _TICKS, time.perf_counter())

    def _cpu(self) -> dict[str, float]:
        processes = [*self.platform.processes.values(), *self.servers.processes]
        pids = {each.name: each.pid for each in processes if each.pid is not None}
        return cpu_of({**pids, "client": os.getpid()})

    def memory(self, number: int) -> int:
        """Resident bytes of a gateway; 0 of one that does not run."""
        pid = self.gateway(number).pid
        return 0 if pid is None else resident_bytes(pid)


def others(before: Look, after: Look) -> float:
    """The share of the machine that others used between two looks; the simulation has to know it."""
    ours = sum(spent(before.ours, after.ours).values())
    whole = (after.at - before.at) * (os.cpu_count() or 1)
    return min(0.95, max(0.0, (after.machine - before.machine - ours) / whole))


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """CPU seconds by role between two looks; a process that was started in between counts from its start."""
    found: dict[str, float] = {}
    for name, used in after.items():
        role = name.rpartition("-")[0] or name
        earlier = before.get(name, 0.0)
        found[role] = found.get(role, 0.0) + (used - earlier if used >= earlier else used)
    return found


@dataclass
class Idle:
    """What every role uses in a second while nobody does anything; it is no cost of what is measured."""

    per_second: Mapping[str, float]

    def beside(self, before: Look, after: Look) -> dict[str, float]:
        """What was used between two looks, without it."""
        used, seconds = spent(before.ours, after.ours), after.at - before.at
        return {role: max(0.0, cpu - self.per_second.get(role, 0.0) * seconds) for role, cpu in used.items()}


async def idle_of(real: RealPlatform, seconds: float = 5.0) -> Idle:
    """Watch it do nothing."""
    before = real.look()
    await asyncio.sleep(seconds)
    after = real.look()
    return Idle({role: cpu / (after.at - before.at) for role, cpu in spent(before.ours, after.ours).items()})


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[RealPlatform]:
    """Start everything, and end it."""
    servers = Backends(folder / "servers")
    environment = {**servers.environment(), **SETTINGS, "PARLEY_DRAIN_MS": "10000"}
    platform = RolesPlatform(folder / "roles", environment, {"gateway": 2})
    try:
        await asyncio.to_thread(servers.up)
        await asyncio.to_thread(platform.prepare)
        await asyncio.to_thread(platform.start)
        front = await serve_front("127.0.0.1", 0, platform.socket_servers, platform.http_servers)
        async with front:
            yield RealPlatform(platform, servers, ("127.0.0.1", front.sockets[0].getsockname()[1]))
    finally:
        await asyncio.to_thread(platform.stop)
        await asyncio.to_thread(servers.down)

"""Parley, in one process on SQLite and as a process of each role on Kafka, Cassandra and Redis."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpx
from typing_extensions import override

from e2e.backends.backends import Backends
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from e2e.bench.contract import Ability, Facts, Most, Population, Product, Running, Takes, Target
from e2e.bench.drivers.lean_socket import LeanSocket
from e2e.platform.roles_platform import PARLEY, RolesPlatform
from parley.adapters.jwt.mint import mint_token
from parley.protocol.client_frames import CreateGroup
from parley.protocol.server_frames import AnyServerFrame, ErrorFrame, Message

SETTINGS: Final = {
    "PARLEY_SENDS_PER_SECOND": "1000000",
    "PARLEY_SENDS_BURST": "1000000",
    "PARLEY_LOG_LEVEL": "warning",
    "PARLEY_DRAIN_MS": "500",
}
PARTITIONS: Final = {"PARLEY_PARTITIONS": "16"}
_CHANGED: Final = "the rate limit for each user is lifted, since few users send everything; logs warn only"
_READY_S: Final = 90.0
_MAKE_S: Final = 60.0
_ABILITIES: Final = frozenset(Ability) - {Ability.ACCOUNTS}


@dataclass
class RunningParley(Running):
    """A platform that runs."""

    address: tuple[str, int]
    secret: str
    about: Facts
    servers: list[ServerProcess]
    holder: str
    metrics_urls: Mapping[str, str] = field(default_factory=dict)
    _groups: dict[str, str] = field(default_factory=dict)

    @property
    @override
    def target(self) -> Target:
        groups = {f"group:{name}": conversation for name, conversation in self._groups.items()}
        return Target("parley", *self.address, {"secret": self.secret, **groups})

    @property
    @override
    def facts(self) -> Facts:
        return self.about

    @property
    @override
    def processes(self) -> Mapping[str, int]:
        return {server.name: server.pid for server in self.servers if server.pid is not None}

    @property
    @override
    def front(self) -> str:
        return self.holder

    @override
    def populate(self, population: Population) -> None:
        asyncio.run(self._make(population))

    @override
    def stop(self) -> None:
        for server in self.servers:
            server.kill()  # nothing of it is needed any more, and a drain takes seconds

    def metrics(self) -> str:
        """What all processes count, as Prometheus reads it."""
        return "\n".join(httpx.get(url, timeout=10).text for url in self.metrics_urls.values())

    async def _make(self, population: Population) -> None:
        """Accounts need nothing: whoever has a token is there."""
        for name, members in population.groups.items():
            if name not in self._groups:
                self._groups[name] = await self._group(name, members)

    async def _group(self, name: str, members: Iterable[str]) -> str:
        owner, *others = members
        made: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def hear(frame: AnyServerFrame) -> None:
            if isinstance(frame, Message) and not made.done():
                made.set_result(frame.conversation)
            elif isinstance(frame, ErrorFrame):
                made.set_exception(RuntimeError(f"no group {name}: {frame.code}: {frame.message}"))

        token = mint_token(self.secret, owner, expires_at_s=int(time.time()) + 3600)
        socket = await LeanSocket.open(self.address, token, hear)
        socket.say(CreateGroup("group", name, title=name, members=tuple(others)))
        try:
            async with asyncio.timeout(_MAKE_S):
                return await made
        finally:
            socket.close()


class ParleyEmbedded(Product):
    """`parley dev`: every role in one process."""

    name = "Parley on SQLite"
    abilities = _ABILITIES
    most = Most()
    takes = Takes(4)

    @override
    def missing(self) -> str | None:
        return None

    @override
    def start(self, folder: Path) -> RunningParley:
        port = Ports(folder).of("dev")
        data = folder / "data"

        def probe() -> None:
            httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=3).raise_for_status()

        command = [str(PARLEY), "dev", "--port", str(port), "--data", str(data)]
        process = ServerProcess("parley dev", f"127.0.0.1:{port}", folder / "process", command, probe, SETTINGS)
        process.start()
        process.wait_ready(_READY_S)
        facts = Facts(
            version=version("parley"),
            engine="SQLite, in the process itself",
            durability="acknowledged when its record is fsynced (one fsync for each group of appends)",
            configuration=_CHANGED,
        )
        secret = (data / "jwt-secret").read_text().strip()
        metrics = {"parley dev": f"http://127.0.0.1:{port}/metrics"}
        return RunningParley(("127.0.0.1", port), secret, facts, [process], process.name, metrics)


class ParleyOnEngines(Product):
    """`parley run ROLE`: one process for each role, on one broker, one node of Cassandra and one Redis."""

    name = "Parley on Kafka and Cassandra"
    abilities = _ABILITIES
    most = Most()
    takes = Takes(22)

    @override
    def missing(self) -> str | None:
        return None

    @override
    def start(self, folder: Path) -> RunningParley:
        servers = Backends(folder / "servers")
        servers.up()
        platform = RolesPlatform(folder / "roles", {**servers.environment(), **SETTINGS, **PARTITIONS})
        try:
            platform.prepare()
            platform.start()
        except BaseException:
            platform.stop()
            servers.down()
            raise
        facts = Facts(
            version=version("parley"),
            engine="Kafka 4, Cassandra 5 and Redis, one of each",
            durability="acknowledged when all in-sync replicas of Kafka have its record (here one, in the page cache: "
            "Kafka relies on replicas); Cassandra syncs its commit log before it answers",
            configuration=f"{_CHANGED}; 16 partitions; replication 1, since there is one of each; Cassandra's idle "
            "threads may be woken 0.5 ms late",
        )
        (address,) = platform.socket_servers
        processes = [*platform.processes.values(), *servers.processes]
        urls = {name: f"http://{one.address}/metrics" for name, one in platform.processes.items()}
        return RunningParley(address, platform.secret, facts, processes, "gateway-1", urls)

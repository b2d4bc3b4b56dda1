"""Synapse, the homeserver of Matrix, on PostgreSQL; in a virtual environment of its own."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from e2e.backends.failure import BackendError
from e2e.backends.ports import free_port
from e2e.backends.process import ServerProcess
from e2e.bench.contract import Ability, Facts, Most, Population, Takes, Target
from e2e.bench.products.postgresql import CONFIGURATION as DATABASE_CONFIGURATION
from e2e.bench.products.postgresql import DURABILITY, HOST, PostgresServer, postgresql_missing
from e2e.bench.products.synapse_people import Rooms, accounts_sql
from e2e.bench.products.synapse_settings import CONFIGURATION, log_settings, settings, signing_key
from e2e.kept import digest_of, kept

REQUIREMENTS: Final = Path(__file__).parent / "synapse" / "requirements.txt"
_READY_S: Final = 120.0
_INSTALL_S: Final = 600.0
_DATABASE: Final = "synapse"
_AT_ONCE: Final = 2_000


class SynapseRunning:
    """The homeserver and its database."""

    def __init__(self, folder: Path, python: Path) -> None:
        self._folder = (folder / "synapse").resolve()
        self._python = python
        self._database = PostgresServer(folder / "postgresql")
        self._secret = secrets.token_hex(16)
        self._port = free_port()
        command = [str(python), "-m", "synapse.app.homeserver", "--config-path", "homeserver.yaml"]
        self._process = ServerProcess("synapse", f"{HOST}:{self._port}", self._folder, command, self._probe)

    def start(self) -> None:
        """Start both; returns when clients can connect."""
        self._database.start()
        self._database.create_database(_DATABASE)
        self._configure()
        self._process.start()
        self._process.wait_ready(_READY_S)

    @property
    def target(self) -> Target:
        """The client-server interface, and the secret from which tokens follow."""
        return Target("matrix", HOST, self._port, {"secret": self._secret})

    @property
    def facts(self) -> Facts:
        """What runs."""
        return Facts(
            version=f"Synapse {_version()}",
            engine=self._database.version,
            durability=f"{DURABILITY}; a message's response comes after its commit",
            configuration=f"{CONFIGURATION}. PostgreSQL: {DATABASE_CONFIGURATION}",
        )

    @property
    def processes(self) -> Mapping[str, int]:
        """Both; see `PostgresServer.processes`."""
        pid = self._process.pid
        return {**({} if pid is None else {self.front: pid}), **self._database.processes}

    @property
    def front(self) -> str:
        """The connections are Synapse's."""
        return "synapse"

    def populate(self, population: Population) -> None:
        """Make accounts and tokens as rows, and the rooms of groups and of pairs over the interface.

        A group costs some time for each member, since joining is an event for all. Rooms of other pairs are made when
        they first talk, which takes so long that it must not be part of what is measured.
        """
        for begin in range(0, len(population.users), _AT_ONCE):
            users = population.users[begin : begin + _AT_ONCE]
            self._database.run_sql(_DATABASE, accounts_sql(users, self._secret, int(time.time())))
        rooms = Rooms(HOST, self._port, self._secret)
        rooms.make_groups(population.groups)
        rooms.make_pairs(population.pairs)

    def stop(self) -> None:
        """End both."""
        self._process.kill()
        self._database.stop()

    def _configure(self) -> None:
        self._folder.mkdir(parents=True)
        database: dict[str, object] = {
            "user": self._database.user,
            "password": self._database.password,
            "dbname": _DATABASE,
            "host": self._database.host,
            "port": self._database.port,
        }
        content = settings(self._folder, (HOST, self._port), database, self._secret)
        (self._folder / "homeserver.yaml").write_text(json.dumps(content, indent=2))
        (self._folder / "log.yaml").write_text(json.dumps(log_settings()))
        (self._folder / "signing.key").write_text(signing_key(secrets.token_bytes(32)))

    def _probe(self) -> None:
        urllib.request.urlopen(f"http://{HOST}:{self._port}/health", timeout=3).close()


class Synapse:
    """Installed once from its pinned and hashed requirements."""

    name: Final = "Synapse"
    abilities: Final = frozenset(Ability)
    most: Final = Most(members=20, people=250, history=200)
    """Some twenty messages a second is what it takes on two cores; a member who joins is a message to all others."""
    takes: Final = Takes(26, times=1.7)

    def missing(self) -> str | None:
        """PostgreSQL is needed."""
        return postgresql_missing()

    def start(self, folder: Path) -> SynapseRunning:
        """Install it if it is not kept yet, and start it."""
        running = SynapseRunning(folder, _installed() / "bin" / "python")
        try:
            running.start()
        except BaseException:
            running.stop()
            raise
        return running


def _installed() -> Path:
    """The virtual environment; for each Python one of its own."""
    return kept("bench-synapse", digest_of([REQUIREMENTS.read_bytes(), sys.version.encode()]), _install)


def _install(folder: Path) -> None:
    uv = str(Path(sys.executable).parent / "uv")
    failed = f"Synapse could not be installed from {REQUIREMENTS}"
    _run([uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, "."], failed, folder, _INSTALL_S)
    install = [uv, "pip", "install", "--quiet", "--python", "bin/python", "--require-hashes", "--only-binary", ":all:"]
    _run([*install, "--requirements", str(REQUIREMENTS)], failed, folder, _INSTALL_S)


def _run(command: list[str], failed: str, folder: Path, timeout_s: float) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, check=False, text=True, timeout=timeout_s
    )
    if done.returncode != 0:
        raise BackendError(f"{failed} ({' '.join(command)}):\n{done.stderr[-2_000:]}")


def _version() -> str:
    for line in REQUIREMENTS.read_text().splitlines():
        name, _, rest = line.partition("==")
        if name == "matrix-synapse":
            return rest.split()[0]
    raise BackendError(f"{REQUIREMENTS} does not pin matrix-synapse")

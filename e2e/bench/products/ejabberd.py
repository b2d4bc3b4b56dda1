"""ejabberd with accounts, rooms and archives in PostgreSQL: each message is committed before it is accepted."""

import os
import re
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from e2e.backends.failure import BackendError
from e2e.backends.ports import free_port
from e2e.backends.process import ServerProcess
from e2e.bench.contract import Ability, Facts, Most, Population, Takes, Target
from e2e.bench.products import postgresql
from e2e.bench.products.ejabberd_settings import CONFIGURATION, configuration, room_options
from e2e.bench.products.postgresql import PostgresServer, postgresql_missing
from e2e.bench.products.xmpp_names import ACCEPTED, ROOMS, People

_HOST: Final = "127.0.0.1"
_DATABASE: Final = "ejabberd"
_SCHEMA: Final = Path("/usr/share/ejabberd/sql/pg.sql")
_ERLANG: Final = Path("/usr/lib/erlang/lib")
_PACKAGES: Final = "ejabberd erlang-p1-pgsql"
_READY_S: Final = 120.0
_ROWS: Final = 5_000
"""How many accounts go into one statement."""


class Ejabberd:
    """Debian's package; nothing is built.

    Unless `flushed`, a commit is not flushed to the disk before the message is accepted. Then the product has another
    name, since the numbers of the two are not to be compared.
    """

    abilities = frozenset(Ability)
    most = Most()
    takes = Takes(8)

    def __init__(self, *, flushed: bool = True) -> None:
        self._flushed = flushed
        self.name = "ejabberd" if flushed else "ejabberd without flushes"

    def missing(self) -> str | None:
        """Which packages are not there."""
        if shutil.which("erl") is None or not _SCHEMA.exists() or _libraries() is None:
            return f"ejabberd is not installed. As root on Debian: apt-get install {_PACKAGES}"
        if not list(_ERLANG.glob("p1_pgsql-*")):
            return "ejabberd cannot use PostgreSQL here. As root on Debian: apt-get install erlang-p1-pgsql"
        return postgresql_missing()

    def start(self, folder: Path) -> "RunningEjabberd":
        """Start PostgreSQL, and ejabberd on it."""
        missing = self.missing()
        if missing is not None:
            raise BackendError(missing)
        return RunningEjabberd(folder.resolve(), flushed=self._flushed)


class RunningEjabberd:
    """One Erlang node that is no part of a cluster, and its database."""

    front = "ejabberd"

    def __init__(self, folder: Path, *, flushed: bool) -> None:
        """Start both in this folder, and return when clients are taken."""
        self._people = People()
        self._port = free_port()
        self._database = PostgresServer(folder / "postgresql", flushed=flushed)
        self._process = ServerProcess(
            "ejabberd",
            f"{_HOST}:{self._port}",
            folder / "ejabberd",
            _command(folder / "ejabberd"),
            self._probe,
            environment=_environment(folder / "ejabberd"),
        )
        self._database.start()
        try:
            self._database.create_database(_DATABASE, _SCHEMA)
            (folder / "ejabberd").mkdir(parents=True)
            settings = configuration(self._port, self._database.port, self._database.user, self._database.password)
            (folder / "ejabberd" / "ejabberd.yml").write_text(settings)
            self._process.start()
            self._process.wait_ready(_READY_S)
        except BaseException:
            self.stop()
            raise

    @property
    def target(self) -> Target:
        """Where clients connect."""
        return self._people.target(_HOST, self._port)

    @property
    def facts(self) -> Facts:
        """What runs, and what its acknowledgement means."""
        return Facts(
            version=f"ejabberd {_version()}",
            engine=self._database.version,
            durability=f"PostgreSQL with {self._database.durability}. {ACCEPTED}",
            configuration=f"{CONFIGURATION}. PostgreSQL: {postgresql.CONFIGURATION}",
        )

    @property
    def processes(self) -> Mapping[str, int]:
        """The node, and the database's postmaster."""
        pid = self._process.pid
        return {**({} if pid is None else {self.front: pid}), **self._database.processes}

    def populate(self, population: Population) -> None:
        """Write the rows that ejabberd itself would write; it reads them when they are first needed."""
        new = self._people.new_users(population)
        for begin in range(0, len(new), _ROWS):
            users = new[begin : begin + _ROWS]
            rows = ", ".join(f"('{user}', '{self._people.password}')" for user in users)
            self._insert("users (username, password)", rows)
        for name, members in self._people.new_groups(population).items():
            row = f"('{name}', '{ROOMS}', '{room_options(members)}')"
            self._insert("muc_room (name, host, opts)", row)

    def stop(self) -> None:
        """End both."""
        self._process.kill()
        self._database.stop()

    def _insert(self, columns: str, rows: str) -> None:
        statement = f"INSERT INTO {columns} VALUES {rows};"  # noqa: S608 - names are checked, all else is ours
        self._database.run_sql(_DATABASE, statement)

    def _probe(self) -> None:
        """It listens before it can check a password, and says so by what it offers."""
        with socket.create_connection((_HOST, self._port), 1) as client:
            client.settimeout(1)
            client.sendall(b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' ")
            client.sendall(b"version='1.0' to='localhost'>")
            told = b""
            while b"PLAIN" not in told:
                more = client.recv(4096)
                if not more:
                    raise BackendError(f"ejabberd offers no login yet: {told.decode(errors='replace')[:200]}")
                told += more


def _command(folder: Path) -> list[str]:
    """A node without a name speaks to no other one, and so needs no port mapper beside it."""
    limits = ["+K", "true", "+P", "250000", "+Q", "65536"]
    return [str(shutil.which("erl")), "-noinput", *limits, "-mnesia", "dir", f'"{folder}/mnesia"', "-s", "ejabberd"]


def _environment(folder: Path) -> dict[str, str]:
    return {
        "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
        "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
        "ERL_LIBS": str(_libraries()),
        "ERL_CRASH_DUMP_BYTES": "0",
        "ERL_MAX_ETS_TABLES": "2053",
        "HOME": os.environ.get("HOME", str(folder)),
    }


def _libraries() -> Path | None:
    """Where Debian keeps ejabberd's own code."""
    return next((found.parent for found in Path("/usr/lib").glob("*/ejabberd-*.*-*")), None)


def _version() -> str:
    libraries = _libraries()
    found = [] if libraries is None else [folder.name for folder in libraries.glob("ejabberd-*.*-*")]
    return re.sub(r"^ejabberd-(.*)-[^-]*$", r"\1", found[0]) if found else "of an unknown version"

"""Prosody with its archive in SQL: each message is committed to the archives of both people before it is accepted."""

import shutil
import socket
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from e2e.backends.failure import BackendError
from e2e.backends.ports import free_port
from e2e.backends.process import ServerProcess
from e2e.bench.contract import Ability, Facts, Most, Population, Takes, Target
from e2e.bench.products.prosody_files import CONFIGURATION, configuration, write_account, write_room
from e2e.bench.products.xmpp_names import ACCEPTED, People

_HOST: Final = "127.0.0.1"
_VERSION: Final = Path("/usr/lib/prosody/prosody.version")
_DRIVER_OF_SQLITE: Final = "lua-dbi-sqlite3"
_FLUSHED: Final = "synchronous=FULL: each commit is flushed to the disk"
_UNFLUSHED: Final = (
    "synchronous=NORMAL: a commit survives the end of the process, and not that of the machine (set by a small module "
    "of ours, as this version has no option for it)"
)
_READY_S: Final = 60.0


class Prosody:
    """Debian's package; nothing is built.

    Unless `flushed`, a commit is not flushed to the disk before the message is accepted. Then the product has another
    name, since the numbers of the two are not to be compared.
    """

    abilities = frozenset(Ability)
    most = Most()
    takes = Takes(7)

    def __init__(self, *, flushed: bool = True) -> None:
        self._flushed = flushed
        self.name = "Prosody" if flushed else "Prosody without flushes"

    def missing(self) -> str | None:
        """Which packages are not there."""
        if shutil.which("prosody") is None or not list(Path("/usr/lib").glob("*/lua/*/dbd/sqlite3.so")):
            return f"Prosody is not installed. As root on Debian: apt-get install prosody {_DRIVER_OF_SQLITE}"
        return None

    def start(self, folder: Path) -> "RunningProsody":
        """Start it; accounts and rooms are files, and messages are in an SQLite database."""
        missing = self.missing()
        if missing is not None:
            raise BackendError(missing)
        return RunningProsody(folder.resolve(), flushed=self._flushed)


def prosody_unflushed() -> Prosody:
    """The one that does not flush."""
    return Prosody(flushed=False)


class RunningProsody:
    """One process that does everything."""

    front = "prosody"

    def __init__(self, folder: Path, *, flushed: bool) -> None:
        """Start it in this folder, and return when it takes clients."""
        self._flushed = flushed
        self._data = folder / "data"
        self._port = free_port()
        self._people = People()
        self._data.mkdir(parents=True)
        database = self._data / "prosody.sqlite"
        _prepare_database(database)
        settings = folder / "prosody.cfg.lua"
        settings.write_text(configuration(self._port, self._data, database, flushed=flushed))
        command = [str(shutil.which("prosody")), "-F", "--config", str(settings)]
        self._process = ServerProcess("prosody", f"{_HOST}:{self._port}", folder, command, lambda: _probe(self._port))
        self._process.start()
        self._process.wait_ready(_READY_S)

    @property
    def target(self) -> Target:
        """Where clients connect."""
        return self._people.target(_HOST, self._port)

    @property
    def facts(self) -> Facts:
        """What runs, and what its acknowledgement means."""
        return Facts(
            version=f"Prosody {_VERSION.read_text().strip()}",
            engine=f"SQLite {sqlite3.sqlite_version} by {_DRIVER_OF_SQLITE}",
            durability=f"SQLite with journal_mode=WAL and {_FLUSHED if self._flushed else _UNFLUSHED}. {ACCEPTED}",
            configuration=CONFIGURATION,
        )

    @property
    def processes(self) -> Mapping[str, int]:
        """The one process."""
        pid = self._process.pid
        return {} if pid is None else {self.front: pid}

    def populate(self, population: Population) -> None:
        """Write the files that Prosody itself would write; it reads them when they are first needed."""
        for user in self._people.new_users(population):
            write_account(self._data, user, self._people.password)
        for name, members in self._people.new_groups(population).items():
            write_room(self._data, name, members)

    def stop(self) -> None:
        """End it."""
        self._process.kill()


def _prepare_database(file: Path) -> None:
    """SQLite keeps the journal's mode in the database; how commits are flushed stays what the library is built with."""
    with closing(sqlite3.connect(file)) as database:
        (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise BackendError(f"SQLite cannot use a write-ahead log in {file} (it says {mode!r}). Take another disk")


def _probe(port: int) -> None:
    with socket.create_connection((_HOST, port), 1):
        pass

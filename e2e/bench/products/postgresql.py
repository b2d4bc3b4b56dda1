"""One PostgreSQL server that keeps what it has accepted: fsync and full_page_writes stay on."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

from e2e.backends.failure import BackendError
from e2e.backends.ports import free_port
from e2e.backends.process import ServerProcess
from e2e.bench.products.process_family import family
from e2e.bench.products.unprivileged import as_other_person, give

HOST: Final = "127.0.0.1"
DURABILITY: Final = "fsync, synchronous_commit and full_page_writes on: each commit is flushed to the disk (WAL)"
DURABILITY_UNFLUSHED: Final = (
    "fsync on and synchronous_commit off: the log is flushed up to 0.6 s after a commit, which until then survives "
    "neither the end of PostgreSQL nor that of the machine"
)
CONFIGURATION: Final = (
    "shared_buffers 512 MB, effective_cache_size 2 GB and max_wal_size 4 GB for a node of a few GB of memory, "
    "200 connections; all else as initdb sets it"
)
_PACKAGE: Final = "postgresql"
_PROGRAMS: Final = Path("/usr/lib/postgresql")
_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "fsync": "on",
    "full_page_writes": "on",
    "log_min_messages": "warning",
}
_PREPARE_S: Final = 120.0
_READY_S: Final = 60.0
_COMMAND_S: Final = 60.0


def postgresql_missing() -> str | None:
    """Why no PostgreSQL can run here; None when one can."""
    if _programs() is None:
        return f"PostgreSQL is not in {_PROGRAMS}. As root on Debian: apt-get install {_PACKAGE}"
    return None


class PostgresServer:
    """A server on a free port of 127.0.0.1, whose one user owns all databases; it ends with our process."""

    user: Final = "bench"

    def __init__(self, folder: Path, *, flushed: bool = True) -> None:
        """Prepare the server; nothing runs yet, and the folder may not be there.

        Unless `flushed`, a commit does not wait for the disk (synchronous_commit off).
        """
        programs = _programs()
        if programs is None:
            raise BackendError(str(postgresql_missing()))
        self._programs = programs
        self._settings = {**_SETTINGS, "synchronous_commit": "on" if flushed else "off"}
        self.durability = DURABILITY if flushed else DURABILITY_UNFLUSHED
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self.host = HOST
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self._process: ServerProcess | None = None

    @cached_property
    def version(self) -> str:
        """As it names itself: `PostgreSQL 15.18`, say."""
        told = subprocess.run(
            [str(self._programs / "postgres"), "--version"], capture_output=True, check=True, text=True
        )
        return "PostgreSQL " + told.stdout.partition("(PostgreSQL) ")[2].partition(" ")[0].strip()

    @property
    def processes(self) -> Mapping[str, int]:
        """The postmaster under the name `postgresql`; each connection is a child of it, see `family`."""
        pid = self._process.pid if self._process is not None else None
        return {} if pid is None else {"postgresql": pid}

    @property
    def family(self) -> tuple[int, ...]:
        """The postmaster with the processes that it started: all of what the engine uses."""
        return tuple(each for pid in self.processes.values() for each in family(pid))

    def start(self) -> None:
        """Make the data folder, start, and return when it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._prepare()
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *settings]
        self._process = ServerProcess(
            "postgresql",
            f"{HOST}:{self.port}",
            self._folder,
            as_other_person(command, self._data, "QUIT"),
            self._probe,
        )
        self._process.start()
        self._process.wait_ready(_READY_S)

    def create_database(self, name: str, schema: Path | None = None) -> str:
        """Make a database in UTF-8 with the locale C, and run the SQL of a file in it; returns its libpq URI.

        Its owner is `user` with `password`.
        """
        locale = "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        self._psql("postgres", text=f"CREATE DATABASE {name} TEMPLATE template0 {locale}")
        if schema is not None:
            self._psql(name, "--single-transaction", "--file", str(schema.resolve()))
        return f"postgresql://{self.user}:{self.password}@{HOST}:{self.port}/{name}"

    def run_sql(self, database: str, statements: str) -> str:
        """Run statements in one transaction; returns what they tell, one row a line."""
        return self._psql(database, "--single-transaction", text=statements)

    def stop(self) -> None:
        """End it, whoever is still connected."""
        if self._process is None:
            return
        pid = self._process.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)  # at SIGTERM it would wait for clients, at SIGINT for a checkpoint
        self._process.stop()

    def _prepare(self) -> None:
        give(self._data)
        give(self._folder / "password")
        file = self._folder / "password" / "password"
        file.write_text(self.password)
        file.chmod(0o644)
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", self.user, "--pwfile", str(file)]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]
        made = subprocess.run(
            as_other_person(command, self._data, "KILL"),
            cwd=self._folder,
            capture_output=True,
            check=False,
            text=True,
            timeout=_PREPARE_S,
        )
        shutil.rmtree(self._folder / "password")
        if made.returncode != 0:
            raise BackendError(f"initdb could not prepare {self._data}:\n{made.stderr or made.stdout}")

    def _probe(self) -> None:
        self._psql("postgres", text="SELECT 1")

    def _psql(self, database: str, *options: str, text: str | None = None) -> str:
        address = ["-h", HOST, "-p", str(self.port), "-U", self.user, "-d", database]
        told = subprocess.run(
            [str(self._programs / "psql"), "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", *address, *options],
            input=text,
            env={**os.environ, "PGPASSWORD": self.password},
            capture_output=True,
            check=False,
            text=True,
            timeout=_COMMAND_S,
        )
        if told.returncode != 0:
            raise BackendError(f"PostgreSQL refused a statement in the database {database}: {told.stderr.strip()}")
        return told.stdout.strip()


def _programs() -> Path | None:
    """The programs of the newest version there is."""
    found = [folder.parent for folder in _PROGRAMS.glob("*/bin/postgres") if folder.parent.parent.name.isdecimal()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)

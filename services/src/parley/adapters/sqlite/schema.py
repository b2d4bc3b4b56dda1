"""The version of a database file: brought up to date at start, refused when it is foreign or from the future."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parley.domain.errors import ErrorCode, ParleyError

_BUSY_MS: Final = 5_000
_CHECKPOINT_PAGES: Final = 4_000


@dataclass(frozen=True, slots=True)
class Schema:
    """What a file is: its name, its mark, and the statements that lead from each version to the next.

    Migrations only add, so that they are quick and an interrupted update starts again.
    """

    file_name: str
    application_id: int
    migrations: tuple[tuple[str, ...], ...]


def connect_to(path: Path | None) -> sqlite3.Connection:
    """Open a durable connection: a commit returns when the disk has it (synchronous=FULL)."""
    name = str(path) if path else ":memory:"
    connection = sqlite3.connect(
        name, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute("PRAGMA cache_size = -65536")
    return connection


def prepare(connection: sqlite3.Connection, schema: Schema, path: Path | None) -> None:
    """Bring the file to the newest version, step by step, each in one transaction."""
    version = _version(connection, schema, path)
    for number, statements in enumerate(schema.migrations[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {schema.application_id}")
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def check(connection: sqlite3.Connection, schema: Schema, path: Path | None) -> None:
    """Refuse a file that this program must not write; call it before anything is changed."""
    _version(connection, schema, path)


def _version(connection: sqlite3.Connection, schema: Schema, path: Path | None) -> int:
    application = _pragma(connection, "application_id")
    version = _pragma(connection, "user_version")
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    name = path or "memory"
    if application != schema.application_id and (application or version or tables):
        text = f"{name} is not Parley's {schema.file_name}: name another data directory, or move the file away"
        raise ParleyError(ErrorCode.UNAVAILABLE, text)
    newest = len(schema.migrations)
    if version > newest:
        text = (
            f"{name} has schema version {version}, and this program knows versions up to {newest}: "
            "run the newer program that wrote it"
        )
        raise ParleyError(ErrorCode.UNAVAILABLE, text)
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value

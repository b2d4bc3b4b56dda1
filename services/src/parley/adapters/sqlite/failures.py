"""What a person can do about an error of SQLite."""

import shutil
import sqlite3
from pathlib import Path
from typing import Final

from parley.domain.errors import ErrorCode, ParleyError

_PRIMARY_CODE: Final = 0xFF
_BARELY_FREE: Final = 256 * 1024
_ENVIRONMENT: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }
)


def concerns_everybody(error: Exception) -> bool:
    """Whether the disk or the file is to blame, so that trying the writes one by one would help none of them."""
    return isinstance(error, sqlite3.Error) and _code(error) in _ENVIRONMENT


def unavailable(error: sqlite3.Error, path: Path | None) -> ParleyError:
    """Translate an error of a read or a write; nothing was acknowledged, and nothing half done remains."""
    code = _code(error)
    name = str(path) if path else "memory"
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
        text = f"disk full at {name}: free space, then it goes on by itself; nothing was acknowledged"
    elif code == sqlite3.SQLITE_READONLY:
        text = f"{name} cannot be written: check the permissions of the file, its directory and its file system"
    elif code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        text = f"{name} is damaged ({error}): stop the process and restore the data directory from a backup"
    elif code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        text = f"{name} is locked by another program: end what reads or copies it; nothing was acknowledged"
    else:
        text = f"{name} cannot be used now ({error}): check its disk; nothing was acknowledged"
    return ParleyError(ErrorCode.UNAVAILABLE, text)


def _code(error: sqlite3.Error) -> int:
    """The primary result code; errors of the Python driver itself have none."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY_CODE


def _disk_is_full(path: Path | None) -> bool:
    if path is None:
        return False
    try:
        return shutil.disk_usage(path.parent).free < _BARELY_FREE
    except OSError:
        return False

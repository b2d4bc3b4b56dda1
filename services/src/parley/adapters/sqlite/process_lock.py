"""One process per database file: a second one is refused, and a killed one leaves nothing behind."""

import fcntl
import os
from pathlib import Path

from parley.domain.errors import ErrorCode, ParleyError


class ProcessLock:
    """An advisory lock on a file of its own, held by the kernel until the process ends, however it ends.

    Its own file, because closing any descriptor of the database would drop SQLite's locks on it.
    """

    def __init__(self, database: Path) -> None:
        """Take the lock beside the database, or raise ParleyError UNAVAILABLE that names its holder."""
        path = database.with_name(f"{database.name}.lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            text = (
                f"{database.parent} is in use by another process (pid {holder}): stop it, or choose another data "
                "directory. SQLite serves one process; roles in several processes need a shared log and store"
            )
            raise ParleyError(ErrorCode.UNAVAILABLE, text) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another process in."""
        os.close(self._descriptor)

"""Free loopback ports, chosen once per folder and kept, so that a server comes back where it was."""

import fcntl
import json
import random
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FIRST, _LAST = 21_000, 32_000
"""Below the range from which the system gives ports to clients, lest one of them sits there after a restart."""

_RESERVED: dict[int, socket.socket] = {}
"""What this process chose, whether or not somebody listens there already; the sockets keep others from choosing it."""


class Ports:
    """Remembers the port of each name in a file of the folder; of several processes the first to ask chooses."""

    def __init__(self, folder: Path) -> None:
        """Read what was chosen before."""
        self._file = folder / "ports.json"
        self._chosen: dict[str, int] = {}
        self._read()

    def of(self, name: str) -> int:
        """The port of this name; a free one at the first question."""
        if name not in self._chosen:
            with self._locked():
                self._read()
                if name not in self._chosen:
                    self._chosen[name] = free_port()
                    self._file.write_text(json.dumps(self._chosen))
        return self._chosen[name]

    def _read(self) -> None:
        if self._file.exists():
            self._chosen |= json.loads(self._file.read_text())
        for port in self._chosen.values():
            _reserve(port)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def free_port() -> int:
    """A port on which nobody listens and that no running process has chosen."""
    start = random.randrange(_FIRST, _LAST)  # noqa: S311 - so that processes rarely look at the same place
    for port in [*range(start, _LAST), *range(_FIRST, start)]:
        if port in _RESERVED or not _reserve(port):
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(port)
    raise OSError(f"no port between {_FIRST} and {_LAST} is free")


def _reserve(port: int) -> bool:
    """Take a name that one process at a time can have, and loses with its end (abstract sockets, Linux)."""
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        name.bind(f"\0parley-port-{port}")
    except OSError:
        name.close()
        return False
    _RESERVED[port] = name
    return True

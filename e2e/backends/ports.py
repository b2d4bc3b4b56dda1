"""Free loopback ports, chosen once per folder and kept, so that a server comes back where it was."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FIRST, _SPREAD, _LAST = 21_000, 5_000, 32_000
"""Processes begin to look at different places, so that two of them rarely choose the same port."""


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
                    self._chosen[name] = _free_port()
                    self._file.write_text(json.dumps(self._chosen))
        return self._chosen[name]

    def _read(self) -> None:
        if self._file.exists():
            self._chosen |= json.loads(self._file.read_text())
        _TAKEN.update(self._chosen.values())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_TAKEN: set[int] = set()
"""What this process chose, whether or not somebody listens there already."""


def _free_port() -> int:
    """Below the range from which the system gives ports to clients, lest one of them sits there after a restart."""
    for port in range(_FIRST + os.getpid() % _SPREAD, _LAST):
        if port in _TAKEN:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            _TAKEN.add(port)
            return port
    raise OSError(f"no port between {_FIRST} and {_LAST} is free")

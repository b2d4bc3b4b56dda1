"""The providers by name, and which of them a folder's cluster came from."""

import os
from collections.abc import Callable
from pathlib import Path

from e2e.cluster.choice import choose
from e2e.cluster.existing.existing_provider import ExistingProvider
from e2e.cluster.failure import ClusterError
from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.kind.kind_provider import KindProvider
from e2e.cluster.provider import Provider

_MAKE: dict[str, Callable[[Path], Provider]] = {
    "kind": KindProvider,
    "host": HostProvider,
    "existing": lambda folder: ExistingProvider(folder, os.environ),
}
NAMES = tuple(_MAKE)


def take_provider(folder: Path, asked: str) -> Provider:
    """The provider for a cluster that shall be up; a folder that has one keeps it."""
    chosen_file = folder / "provider"
    before = _read(chosen_file) if chosen_file.exists() else None
    if before is not None and asked in {"auto", before}:
        return _MAKE[before](folder)
    if before is not None:
        raise ClusterError(f"{folder} has a cluster by {before}: `make cluster-down` first, or name another folder")
    name = choose(asked, {name: make(folder).lacking for name, make in _MAKE.items()})
    folder.mkdir(parents=True, exist_ok=True)
    chosen_file.write_text(name)
    return _MAKE[name](folder)


def open_cluster(folder: Path) -> Provider:
    """The provider of the cluster that a folder has; raises ClusterError when it has none."""
    chosen_file = folder / "provider"
    if not chosen_file.exists():
        raise ClusterError(f"{folder} has no cluster. Start one: make cluster")
    return _MAKE[_read(chosen_file)](folder)


def _read(chosen_file: Path) -> str:
    name = chosen_file.read_text().strip()
    if name not in _MAKE:
        raise ClusterError(f"{chosen_file} names {name!r}, which is none of {', '.join(NAMES)}: delete its folder")
    return name

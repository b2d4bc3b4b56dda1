"""What takes long to make is made once and kept outside the tree, by the hash of what it is made from."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def cache_folder() -> Path:
    """Where things are kept that only cost time to make again: $PARLEY_CACHE, or ~/.cache/parley."""
    return Path(os.environ.get("PARLEY_CACHE") or Path.home() / ".cache" / "parley")


def digest_of(inputs: Iterable[bytes]) -> str:
    """Sixteen hexadecimal digits that change when any input does, or moves across a border between two."""
    digest = hashlib.sha256()
    for part in inputs:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]


def kept_path(name: str, digest: str) -> Path:
    """Where the folder of this name and digest is, or will be."""
    return cache_folder() / f"{name}-{digest}"


def kept(name: str, digest: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name and digest; `make` fills an empty one if it is not there yet.

    Of several processes that ask at the same time one makes it and the others wait. What was half made when a process
    died is never seen, and is removed by the next one.
    """
    target = kept_path(name, digest)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.is_dir():
            return target
        for left in target.parent.glob(f"{target.name}.making-*"):
            shutil.rmtree(left, ignore_errors=True)
        making = Path(tempfile.mkdtemp(prefix=f"{target.name}.making-", dir=target.parent))
        try:
            (making / "made").mkdir()
            make(making / "made")
            (making / "made").rename(target)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return target


def forget_older(name: str, newest: int) -> None:
    """Remove the folders of this name but for the `newest` ones, where each change of the project makes another one."""
    made = [path for path in cache_folder().glob(f"{name}-*") if path.is_dir() and ".making-" not in path.name]
    made.sort(key=lambda path: path.stat().st_mtime)
    for path in made[:-newest]:
        shutil.rmtree(path, ignore_errors=True)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)

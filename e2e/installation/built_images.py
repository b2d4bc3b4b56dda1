"""The images in the cluster, built again only when what they are made of has changed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from e2e.cluster.provider import Provider, Tell
from e2e.images.architecture import of_this_machine
from e2e.images.build import IMAGES, PROJECT, build_all
from e2e.images.engines import answering

SOURCES = ("services/src", "operator/src", "images", "pyproject.toml", "uv.lock", "README.md", "LICENSE")
_BUILT = "built-from"
_LOADED = "images-loaded"


def build_images(images: Path, tell: Tell) -> str:
    """Build them into `images` unless they are there; returns what tells these from others."""
    wanted = digest_of(PROJECT / each for each in SOURCES)
    built = images / _BUILT
    if built.exists() and built.read_text() == wanted:
        tell("nothing of the images has changed since they were built")
        return wanted
    built.unlink(missing_ok=True)
    build_all(images, answering(), None, of_this_machine())
    built.write_text(wanted)
    return wanted


def load_images(provider: Provider, folder: Path, images: Path, tell: Tell) -> None:
    """Build them and give them to the cluster of `folder`, unless that was done already."""
    wanted = build_images(images, tell)
    loaded = folder / _LOADED
    if loaded.exists() and loaded.read_text() == wanted:
        return
    for name in IMAGES:
        tell(f"loading {name}")
        provider.load(images / f"{name}.tar")
    loaded.write_text(wanted)


def digest_of(paths: Iterable[Path]) -> str:
    """Tells whether any file below these paths has another name or content than before."""
    found = hashlib.sha256()
    for path in paths:
        for file in sorted([path] if path.is_file() else path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(path.parent)}\0".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()

"""Builds the images of services and operator, and writes them as archives that a cluster loads."""

import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from e2e.images import engines
from e2e.images.base_image import base_image
from e2e.images.failure import ImageError
from e2e.images.wheels import gather

PROJECT = Path(__file__).parents[2]
IMAGES = ("services", "operator")
BUILD_S = 1800


@dataclass(frozen=True)
class Source:
    """What images are made of: a checkout of the project. They are tagged with the version of this one otherwise."""

    project: Path = PROJECT
    tag: str = field(default_factory=lambda: version("parley"))

    def revision(self) -> str:
        """The commit that is checked out there, as far as that is known."""
        command = ["git", "-C", str(self.project), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else "unknown"


def build_all(
    folder: Path,
    engine: str,
    base: str | None,
    processor: str,
    names: Sequence[str] = IMAGES,
    source: Source | None = None,
) -> None:
    """Build these images; buildah, which may have no registry, gets a base made here unless one is named."""
    source = source or Source()
    context, storage = folder / "context", folder / "storage"
    for left in (context, storage):
        shutil.rmtree(left, ignore_errors=True)
    context.mkdir(parents=True)
    print(f"images: building with {engine} for {processor}", flush=True)
    gather(source.project, context / "wheels", processor)
    shutil.copy(source.project / "images" / "root_filesystem.py", context)
    if engine == "buildah" and base is None:
        base = base_image(processor)
    values = {"VERSION": version("parley"), "REVISION": source.revision()} | ({"BASE": base} if base else {})
    try:
        for name in names:
            build = engines.Build(
                source.project / "images" / f"{name}.Dockerfile",
                context,
                reference(name, source.tag),
                folder / f"{name}.tar",
                processor,
                values,
            )
            _build(build, engine, storage)
    finally:
        shutil.rmtree(storage, ignore_errors=True)


def reference(name: str, tag: str = "") -> str:
    """The reference under which an image of this version, or with this tag, is built and loaded."""
    return f"parley.chat/{name}:{tag or version('parley')}"


def _build(build: engines.Build, engine: str, storage: Path) -> None:
    began = time.monotonic()
    build.archive.unlink(missing_ok=True)
    commands = {
        "docker": lambda: engines.docker(build),
        "podman": lambda: engines.podman(build),
        "buildah": lambda: engines.buildah(build, storage),
    }
    for command in commands[engine]():
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_S)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip()[-2000:]
            raise ImageError(f"{build.reference} could not be built by {engine}: {said}")
    size = build.archive.stat().st_size / 1e6
    print(f"images: {build.reference} is in {build.archive} ({size:.0f} MB, {time.monotonic() - began:.0f} s)")

"""`python -m e2e.images`: builds both images and writes them as archives that a cluster loads."""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from e2e.images import architecture, engines
from e2e.images.base_image import base_image
from e2e.images.failure import ImageError
from e2e.images.wheels import gather

PROJECT = Path(__file__).parents[2]
FOLDER = Path(".images")
IMAGES = ("services", "operator")
BUILD_S = 1800


def main() -> int:
    """Build what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m e2e.images", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the archives go (default: %(default)s)")
    parser.add_argument("--engine", choices=engines.NAMES, help="what builds them (default: the first that answers)")
    parser.add_argument("--base", help="an image with Python for the build stage (default: python:3.13-slim-trixie)")
    parser.add_argument("--architecture", choices=["amd64", "arm64"], default=architecture.of_this_machine())
    arguments = parser.parse_args()
    try:
        engine = arguments.engine or engines.answering()
        build_all(arguments.folder.resolve(), engine, arguments.base, arguments.architecture)
    except ImageError as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0


def build_all(folder: Path, engine: str, base: str | None, processor: str, names: Sequence[str] = IMAGES) -> None:
    """Build these images; buildah, which may have no registry, gets a base made here unless one is named."""
    context, storage = folder / "context", folder / "storage"
    for left in (context, storage):
        shutil.rmtree(left, ignore_errors=True)
    context.mkdir(parents=True)
    print(f"images: building with {engine} for {processor}", flush=True)
    gather(PROJECT, context / "wheels", processor)
    shutil.copy(PROJECT / "images" / "root_filesystem.py", context)
    if engine == "buildah" and base is None:
        base = base_image(processor)
    values = {"VERSION": version("parley"), "REVISION": _revision()} | ({"BASE": base} if base else {})
    try:
        for name in names:
            build = engines.Build(
                PROJECT / "images" / f"{name}.Dockerfile",
                context,
                reference(name),
                folder / f"{name}.tar",
                processor,
                values,
            )
            _build(build, engine, storage)
    finally:
        shutil.rmtree(storage, ignore_errors=True)


def reference(name: str) -> str:
    """The reference under which an image of this version is built and loaded."""
    return f"parley.chat/{name}:{version('parley')}"


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


def _revision() -> str:
    command = ["git", "-C", str(PROJECT), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


if __name__ == "__main__":
    sys.exit(main())

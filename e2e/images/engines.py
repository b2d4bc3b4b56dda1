"""The programs that build images, and how each is called; the command lines are pure."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from e2e.images.failure import ImageError
from e2e.images.wheels import EPOCH

NAMES = ("docker", "podman", "buildah")
"""In this order: what people have runs first."""

Command = Sequence[str]


@dataclass(frozen=True)
class Build:
    """One image: its Dockerfile and context, its reference, and the archive that it ends in."""

    dockerfile: Path
    context: Path
    reference: str
    archive: Path
    architecture: str
    arguments: dict[str, str] = field(default_factory=dict)


def docker(build: Build) -> list[Command]:
    """Docker with BuildKit; the times of files in layers are those of the build."""
    options = ["--platform", f"linux/{build.architecture}", "--build-arg", f"SOURCE_DATE_EPOCH={EPOCH}"]
    return [
        ["docker", "build", *_named(build), *options, str(build.context)],
        ["docker", "save", "--output", str(build.archive), build.reference],
    ]


def podman(build: Build) -> list[Command]:
    """Podman, which sets every time inside."""
    options = ["--platform", f"linux/{build.architecture}", "--timestamp", EPOCH]
    return [
        ["podman", "build", *_named(build), *options, str(build.context)],
        ["podman", "save", "--format", "oci-archive", "--output", str(build.archive), build.reference],
    ]


def buildah(build: Build, storage: Path) -> list[Command]:
    """Buildah without any daemon, kernel feature or registry; its images are in `storage`, which may be thrown away."""
    buildah_here = ["buildah", "--root", str(storage / "root"), "--runroot", str(storage / "run")]
    buildah_here += ["--storage-driver", "vfs"]
    options = ["--isolation", "chroot", "--pull-never", "--timestamp", EPOCH, "--arch", build.architecture]
    target = f"oci-archive:{build.archive}:{build.reference}"
    return [
        [*buildah_here, "build", *_named(build), *options, str(build.context)],
        [*buildah_here, "push", "--quiet", build.reference, target],
    ]


def answering() -> str:
    """The first of NAMES that works here; raises ImageError that says what each lacks."""
    for engine in ("docker", "podman"):
        if shutil.which(engine) and _succeeds([engine, "info"]):
            return engine
    if shutil.which("buildah"):
        return "buildah"
    raise ImageError(
        "nothing here builds images: neither `docker info` nor `podman info` succeeds, and buildah is not installed. "
        "On Debian, as root: apt-get install buildah mmdebstrap"
    )


def _named(build: Build) -> list[str]:
    arguments = [part for name, value in build.arguments.items() for part in ("--build-arg", f"{name}={value}")]
    return ["--file", str(build.dockerfile), "--tag", build.reference, *arguments]


def _succeeds(command: Command) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

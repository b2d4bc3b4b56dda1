"""The wheels that go into the images: exactly what uv.lock pins, for the Python of the images."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from e2e.images.failure import ImageError
from e2e.kept import digest_of, kept

PYTHON: Final = "3.13"
"""Of the images' base: python:3.13-slim-trixie, and Debian 13 itself."""

PIP: Final = "pip==26.3"
"""Installs the wheels while an image is built; it is in no image."""

MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}
EPOCH: Final = "0"
"""The time of everything inside, so that the same inputs give the same bytes."""

FETCH_S: Final = 600


def gather(project: Path, target: Path, architecture: str) -> None:
    """Fill `target` with the wheels, pip's own among them, and a list of what each image installs."""
    inputs = [(project / "uv.lock").read_bytes(), PYTHON.encode(), PIP.encode(), architecture.encode()]
    fetched = kept("image-wheels", digest_of(inputs), lambda folder: _fetch(project, folder, architecture))
    shutil.copytree(fetched, target)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    uv = Path(sys.executable).parent / "uv"
    _run([str(uv), "build", "--quiet", "--wheel", "--out-dir", str(target), str(project)], environment)
    own = next(target.glob("parley-*.whl")).name
    pinned = (target / "pinned.txt").read_text()
    for image in ("services", "operator"):
        (target / f"{image}.txt").write_text(f"{pinned}\n/wheels/{own}\n")


def _fetch(project: Path, folder: Path, architecture: str) -> None:
    uv = Path(sys.executable).parent / "uv"
    requirements = folder / "hashes.txt"
    export = [str(uv), "export", "--project", str(project), "--frozen", "--quiet", "--no-dev", "--no-emit-project"]
    _run([*export, "--no-header", "--no-annotate", "--output-file", str(requirements)])
    machine = MACHINES[architecture]
    download = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--dest",
        str(folder),
    ]
    # The platforms that wheels name, newest first: pip takes no wheel of an older one by itself.
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(41, 16, -1)] + [f"manylinux2014_{machine}"]
    target = [f"--platform={name}" for name in platforms]
    target += [f"--python-version={PYTHON}", "--implementation=cp", "--only-binary=:all:"]
    _run([*download, *target, "--no-deps", "--require-hashes", "-r", str(requirements)])
    _run([*download, "--no-deps", PIP])
    exported = requirements.read_text()
    requirements.unlink()
    (folder / "pinned.txt").write_text(_without_hashes(exported))


def _without_hashes(exported: str) -> str:
    """The pinned versions alone: the wheels' hashes were compared when they were fetched."""
    lines = [line.split(" \\")[0] for line in exported.splitlines() if not line.startswith((" ", "#"))]
    return "\n".join(line for line in lines if line)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=FETCH_S)
    if done.returncode != 0:
        raise ImageError(
            f"the wheels could not be gathered by {' '.join(command[:3])} …: {done.stderr.strip()[-1500:]}"
        )

"""Debian with Python, made from Debian's packages: the base where no registry is reached."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from e2e.images.archive import write_image
from e2e.images.failure import ImageError
from e2e.kept import digest_of, kept

SUITE: Final = "trixie"
PACKAGES: Final = "python3,ca-certificates,tzdata"
MAKE_S: Final = 900
_WITHOUT: Final = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")


def base_image(architecture: str) -> str:
    """What goes into a Dockerfile's `FROM`: an archive, made once and kept; about 20 s."""
    if shutil.which("mmdebstrap") is None:
        raise ImageError(
            "mmdebstrap is needed to make a base without a registry. On Debian: apt-get install mmdebstrap"
        )

    def make(folder: Path) -> None:
        write_image(folder / "base.tar", "base", _layer(architecture), architecture, {"Env": ["PATH=/usr/bin:/bin"]})

    digest = digest_of([SUITE.encode(), PACKAGES.encode(), architecture.encode(), *map(str.encode, _WITHOUT)])
    return f"oci-archive:{kept(f'image-base-{SUITE}', digest, make) / 'base.tar'}"


def _layer(architecture: str) -> bytes:
    print(f"images: making a base of Debian {SUITE} (once)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        layer = Path(folder) / "layer.tar"
        options = ["--mode=root", "--variant=minbase", f"--include={PACKAGES}", f"--architectures={architecture}"]
        options += [f"--dpkgopt=path-exclude={pattern}" for pattern in _WITHOUT]
        command = ["mmdebstrap", "--quiet", *options, SUITE, str(layer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MAKE_S)
        if done.returncode != 0:
            raise ImageError(f"the base could not be made by mmdebstrap: {done.stderr.strip()[-1500:]}")
        return layer.read_bytes()

"""The servers' programs: fetched by Maven once, and kept outside the tree by the hash of what was asked for."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from e2e.backends.failure import BackendError
from e2e.kept import digest_of, kept

LEAST_JAVA = 17
QUICK = "-XX:TieredStopAtLevel=1"
"""Compile quickly rather than well: servers that live for minutes would spend most of their time on compiling."""
FETCH_S = 900


@cache
def java() -> str:
    """The Java that runs the servers."""
    program = shutil.which("java")
    found = subprocess.run([program, "-version"], capture_output=True, text=True, check=False) if program else None
    version = re.search(r'version "(\d+)', found.stderr) if found else None
    if program is None or version is None or int(version[1]) < LEAST_JAVA:
        raise BackendError(
            f"Java {LEAST_JAVA} or newer is needed for Kafka and Cassandra. On Debian: apt-get install "
            "openjdk-17-jre-headless"
        )
    return program


def jars(name: str) -> Path:
    """The folder with the jars of `name`, which has a pom.xml beside this file; fetched if it is not there yet."""
    pom = Path(__file__).parent / name / "pom.xml"

    def make(folder: Path) -> None:
        print(f"backends: fetching {name} (about 50 MB, once)", flush=True)
        _fetch(pom, folder)

    return kept(name, digest_of([pom.read_bytes()]), make)


def _fetch(pom: Path, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BackendError(f"Maven is needed to fetch {pom.parent.name}. On Debian: apt-get install maven")
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    done = subprocess.run(
        [*command, "-DincludeScope=runtime"], capture_output=True, text=True, check=False, timeout=FETCH_S
    )
    if done.returncode != 0 or not any(target.iterdir()):
        raise BackendError(f"Maven could not fetch {pom.parent.name}: {(done.stdout + done.stderr).strip()[-800:]}")

"""What `make` starts can be started as `make` starts it: outside the tests, whose paths are others."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.patience import STILL_S

ROOT: Final = Path(__file__).resolve().parents[2]
STARTED: Final = re.compile(r"(?P<path>PYTHONPATH=\S+ )?\$\(BIN\)/python -m (?P<module>[a-z_.0-9]+)")
PROGRAMS: Final = sorted(
    {(found["module"], found["path"] or "") for found in STARTED.finditer((ROOT / "Makefile").read_text())}
)


def test_the_programs_of_the_makefile_are_found() -> None:
    assert ("e2e.cluster", "") in PROGRAMS
    assert len(PROGRAMS) > 10


@pytest.mark.parametrize(("module", "path"), PROGRAMS)
def test_a_program_of_the_makefile_finds_all_that_it_imports(module: str, path: str) -> None:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    imported = f"{module}.__main__" if spec.submodule_search_locations else module
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = path.strip().removeprefix("PYTHONPATH=")
    done = subprocess.run(
        [sys.executable, "-c", f"import {imported}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=STILL_S,
    )
    assert done.returncode == 0, done.stderr

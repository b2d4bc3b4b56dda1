"""Imports go one way: the tree keeps the layers, and a planted violation is reported."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"
PLANTS = {
    "domain/limits.py": ("from parley.ports import clock", "Layers of the services"),
    "protocol/codec.py": ("import asyncio", "Rules and protocol are pure"),
    "roles/chat/main.py": ("from parley.roles.gateway import main as other", "Roles do not know each other"),
    "client/core.py": ("from parley.runtime import role", "The SDK knows the protocol and no server"),
    "runtime/health.py": ("import sqlite3", "SQLite stays in its adapter"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in a folder."""
    paths = f"{folder / 'services/src'}:{folder / 'operator/src'}"
    return subprocess.run(
        [LINTER, "--config", folder / "pyproject.toml", "--no-cache"],
        check=False,
        cwd=folder,
        env={"PYTHONPATH": paths, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("services/src", "operator/src"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "web"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_its_layers(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", PLANTS)
def test_a_planted_violation_is_reported(copy: Path, file: str) -> None:
    line, contract = PLANTS[file]
    path = copy / "services/src/parley" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    done = lint(copy)
    assert done.returncode != 0
    assert f"{contract} BROKEN" in done.stdout

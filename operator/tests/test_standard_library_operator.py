"""The folder named `operator` must never stand in for the standard library's module of that name."""

import operator
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_operator_is_the_standard_librarys_module() -> None:
    assert operator.itemgetter(1)([1, 2]) == 2
    assert ROOT not in Path(operator.__file__).resolve().parents


def test_nothing_in_the_folder_could_be_imported_as_operator() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()
    assert not (ROOT / "operator" / "operator.py").exists()


def test_pytest_keeps_the_import_mode_that_leaves_the_module_alone() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "--import-mode=prepend" in settings["tool"]["pytest"]["ini_options"]["addopts"]

"""Helm, without any cluster."""

import pytest

from e2e.tests.chart.rendering import Helm, helm_program


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm; tests of it are left out where there is none."""
    program = helm_program()
    if program is None:
        pytest.skip("there is no helm: `make cluster` builds it on a Linux host, or put one on the PATH")
    return Helm(program, tmp_path_factory.mktemp("helm"))

"""Shares the tests on real processes out in two lanes, when pytest runs with `-n`."""

import pytest
from xdist.scheduler import LoadScopeScheduling

CLUSTER = ("e2e/tests/cluster/", "e2e/tests/operator/", "e2e/tests/platform/", "e2e/tests/chart/")


class Lanes(LoadScopeScheduling):
    """One lane for the tests on a cluster, one for all others: each starts its servers once."""

    def _split_scope(self, nodeid: str) -> str:
        return "cluster" if nodeid.startswith(CLUSTER) else "others"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lanes` with `-n 2`."""
    parser.addoption("--lanes", action="store_true", help="with -n 2: tests on a cluster beside all others")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Lanes | None:
    """The scheduler of `--lanes`; otherwise the usual one."""
    return Lanes(config, log) if config.getoption("lanes") else None

"""Shares the tests out in lanes, when pytest runs with `-n`, and tells of failures at once."""

import pytest
from _pytest.terminal import TerminalReporter
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

CLUSTER = (
    "e2e/tests/cluster/",
    "e2e/tests/operator/",
    "e2e/tests/platform/",
    "e2e/tests/chart/test_chart_on_cluster.py",
)
PAGES = "services/tests/web/"
PAGES_ON_SERVERS = "services/tests/web/test_real_servers.py"
REAL = ("browser", "cluster", "fault", "servers", "slow")
"""Marks of tests that start what takes its time."""


class Lanes(LoadScopeScheduling):
    """One lane for the tests on a cluster, one for all others: each starts its servers once.

    Those of the pages need no servers, and go to the lane that is through first.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(CLUSTER):
            return "cluster"
        return "pages" if nodeid.startswith(PAGES) and not nodeid.startswith(PAGES_ON_SERVERS) else "others"

    def remove_node(self, node: WorkerController) -> str | None:
        """What a test ended its process with has failed once and for all; the tests after it go on in another one."""
        units = self.assigned_work[node].values()
        ended = next(((unit, test) for unit in units for test, done in unit.items() if not done), None)
        if ended is None:
            super().remove_node(node)
            return None
        unit, test = ended
        unit[test] = True
        super().remove_node(node)
        return str(test)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lanes` with `-n 2`."""
    parser.addoption("--lanes", action="store_true", help="with -n 2: tests on a cluster beside all others")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a lane the quick ones come first: who waits for the whole hears of most mistakes within minutes."""
    if config.getoption("lanes"):
        items.sort(key=lambda item: any(item.get_closest_marker(mark) for mark in REAL))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Lanes | None:
    """The scheduler of `--lanes`; otherwise the usual one."""
    return Lanes(config, log) if config.getoption("lanes") else None


class FailuresAtOnce:
    """Names a failure when it happens: a run that is ended before its summary has told it all the same."""

    def __init__(self, terminal: TerminalReporter) -> None:
        self._terminal = terminal

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A line for the test, and one for the reason."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            reason = crash.message.splitlines()[0] if crash and crash.message else str(report.longrepr)
            self._terminal.ensure_newline()
            self._terminal.write_line(f"FAILED {report.nodeid} ({report.when}): {reason}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Only where a terminal is written: not in the processes that run tests for another one."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(terminal, TerminalReporter):
        config.pluginmanager.register(FailuresAtOnce(terminal), "failures-at-once")

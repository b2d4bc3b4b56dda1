"""A node as processes of a host comes, goes, and leaves the machine as it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.backends.process_id import remembered
from e2e.cluster.failure import ClusterError
from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.host.supervisor import NODE_PID
from e2e.images.build import PROJECT
from e2e.tests.cluster.machine import look, namespaces_of, processes_in
from e2e.tests.conftest import tell

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("host_node")]
PATIENCE_S = 60.0


def first_process(node: HostProvider) -> int:
    pid = remembered(node.folder / NODE_PID)
    assert pid is not None
    return pid


def await_end(node: HostProvider) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while node.supervisor.alive:
        assert time.monotonic() < deadline, "the supervisor goes on"
        time.sleep(0.02)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[HostProvider]:
    """A node of its own: the other tests' one goes on."""
    own = HostProvider(tmp_path / "node", bound=True)
    yield own
    own.down()


def make(node: HostProvider, *arguments: str) -> None:
    """A command of the README, for this node."""
    variables = [f"CLUSTER={node.folder}", "PROVIDER=host", f"VENV={Path(sys.executable).parents[1]}"]
    command = ["make", "--no-print-directory", *arguments, *variables]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_three_cycles_in_a_row_leave_no_process_mount_link_rule_group_or_setting(
    node: HostProvider, archives: Path
) -> None:
    before = look()
    ways: list[tuple[Callable[[], None], Callable[[], None]]] = [
        (lambda: node.up(tell), node.down),
        (lambda: node.up(tell), node.down),
        (lambda: make(node, "cluster", "load", f"IMAGES={archives}"), lambda: make(node, "cluster-down")),
    ]
    for up, down in ways:
        up()
        assert " Ready " in node.kubectl("get", "nodes")
        namespaces = namespaces_of(first_process(node))
        assert len(processes_in(namespaces)) > 10, "the components, and the pods' processes"
        down()
        assert processes_in(namespaces) == []
        assert look().since(before) == {}
        assert not node.folder.exists()


def test_a_killed_supervisor_takes_the_node_along_and_the_next_up_sweeps_what_is_left(node: HostProvider) -> None:
    before = look()
    node.up(tell)
    node.kubectl("create", "namespace", "from-before")
    first = node.supervisor.pid
    assert first is not None
    node.up(tell)
    assert node.supervisor.pid == first, "a node that runs is left alone"
    os.kill(first, signal.SIGKILL)
    await_end(node)
    with pytest.raises(ClusterError, match="make cluster"):
        node.info()
    node.up(tell)
    assert "from-before" not in node.kubectl("get", "namespaces"), "the new node begins anew"
    namespaces = namespaces_of(first_process(node))
    os.kill(node.supervisor.pid or 0, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while processes_in(namespaces) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_in(namespaces) == [], "the kernel ends all of the node by itself"
    node.down()
    assert look().since(before) == {}


def test_a_component_that_dies_ends_the_node_and_is_named(node: HostProvider, tmp_path: Path) -> None:
    node.up(tell)
    # The kernel may end this command as well: it is inside the node that ends.
    subprocess.run([*node.enter(), "pkill", "-9", "kube-scheduler"], check=False)
    await_end(node)
    assert "kube-scheduler ended with code -9" in node.supervisor.log_tail()
    node.logs(tmp_path / "logs")
    assert (tmp_path / "logs" / "kube-scheduler.log").exists()
    node.down()

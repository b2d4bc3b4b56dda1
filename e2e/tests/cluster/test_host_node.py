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
from e2e.tests.cluster.machine import Machine, look, namespaces_of, processes_in
from e2e.tests.conftest import tell
from tests.patience import STILL_S

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("host_node")]


def first_process(node: HostProvider) -> int:
    pid = remembered(node.folder / NODE_PID)
    assert pid is not None
    return pid


def await_end(node: HostProvider) -> None:
    deadline = time.monotonic() + STILL_S
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
    node: HostProvider, archives: Path, tmp_path: Path
) -> None:
    """They end in three ways: by SIGKILL of the supervisor, by a component that dies, and by the README's command."""
    before = look()
    up(node)
    a_killed_supervisor_takes_the_node_along(node)
    namespaces = up(node)
    assert "from-before" not in node.kubectl("get", "namespaces"), "what was left is swept: the new node begins anew"
    a_component_that_dies_ends_the_node_and_is_named(node, tmp_path)
    down(node, namespaces, before, node.down)
    make(node, "cluster", "load", f"IMAGES={archives}")
    down(node, running(node), before, lambda: make(node, "cluster-down"))


def up(node: HostProvider) -> frozenset[str]:
    """Bring the node up, twice; returns its namespaces."""
    node.up(tell)
    first = node.supervisor.pid
    node.up(tell)
    assert first is not None
    assert node.supervisor.pid == first, "a node that runs is left alone"
    return running(node)


def running(node: HostProvider) -> frozenset[str]:
    """It works; returns its namespaces."""
    assert " Ready " in node.kubectl("get", "nodes")
    namespaces = namespaces_of(first_process(node))
    assert len(processes_in(namespaces)) > 10, "the components, and the pods' processes"
    return namespaces


def down(node: HostProvider, namespaces: frozenset[str], before: Machine, take_down: Callable[[], None]) -> None:
    """Nothing is left afterwards."""
    take_down()
    assert processes_in(namespaces) == []
    assert look().since(before) == {}
    assert not node.folder.exists()


def a_killed_supervisor_takes_the_node_along(node: HostProvider) -> None:
    node.kubectl("create", "namespace", "from-before")
    namespaces = namespaces_of(first_process(node))
    os.kill(node.supervisor.pid or 0, signal.SIGKILL)
    await_end(node)
    with pytest.raises(ClusterError, match="make cluster"):
        node.info()
    deadline = time.monotonic() + STILL_S
    while processes_in(namespaces) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_in(namespaces) == [], "the kernel ends all of the node by itself"


def a_component_that_dies_ends_the_node_and_is_named(node: HostProvider, tmp_path: Path) -> None:
    # The kernel may end this command as well: it is inside the node that ends.
    subprocess.run([*node.enter(), "pkill", "-9", "kube-scheduler"], check=False)
    await_end(node)
    assert "kube-scheduler ended with code -9" in node.supervisor.log_tail()
    node.logs(tmp_path / "logs")
    assert (tmp_path / "logs" / "kube-scheduler.log").exists()

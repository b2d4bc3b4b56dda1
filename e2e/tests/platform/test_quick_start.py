"""What docs/quick-start.md tells people to type works, on the cluster of the tests."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.cluster.provider import Info
from e2e.images.build import PROJECT
from e2e.installation.install import Installation
from e2e.tests.conftest import CHART_OPTIONS, tell
from e2e.tests.operator.chat_clusters import Watched
from tests.snippets import snippets_of

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
SNIPPETS = {name: snippet.code for name, snippet in snippets_of("docs/quick-start.md").items()}
ELSEWHERE = {
    "quick start laptop": "the README's, which the tests of the services run",
    "quick start messages": "the README's, which the tests of the services run",
    "quick start down": "test_host_node.py takes clusters down",
}
TYPED_S = 600
Typed = Callable[..., str]


@pytest.fixture
def typed(info: Info, tmp_path: Path) -> Typed:
    """Types lines into a shell that has kubectl, helm and the project's commands."""
    for name, program in info.programs.items():
        (tmp_path / name).symlink_to(program)

    def type_in(code: str) -> str:
        environment = {
            **os.environ,
            "PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "KUBECONFIG": info.kubeconfig,
        }
        command = ["bash", "-euo", "pipefail", "-c", code]
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=TYPED_S
        )
        assert done.returncode == 0, f"{code}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return type_in


@pytest.fixture
def as_before(installed: Installation) -> Iterator[None]:
    """The release of the tests, again, after somebody typed another one."""
    yield
    installed.install_chart(tell, *CHART_OPTIONS)


def test_every_snippet_is_run_here_or_elsewhere() -> None:
    here = {f"quick start {name}" for name in ("kubernetes", "three commands", "by hand", "look")}
    assert set(SNIPPETS) == here | set(ELSEWHERE)


@pytest.mark.usefixtures("as_before")
def test_make_up_ends_with_two_people_who_chat(typed: Typed, chat: Watched, folder: Path, archives: Path) -> None:
    """On the cluster that is there, in its folder: what makes a cluster from nothing is tried by every test."""
    assert chat
    code = SNIPPETS["quick start kubernetes"].strip()
    told = typed(f"{code} CLUSTER={folder} IMAGES={archives}")
    assert "bob's socket received" in told
    assert "PARLEY_JWT_SECRET=" in told


def test_the_second_and_the_third_command_on_any_cluster(typed: Typed, chat: Watched) -> None:
    """The first one is the same release with servers in pods, whose images nobody can pull here."""
    assert chat
    first, *others = SNIPPETS["quick start three commands"].strip().splitlines()
    assert first.startswith("helm install parley chart/")
    assert "helm-test-ann" in typed("\n".join(others)), "the message that was sent is printed as it was received"


def test_people_chat_by_hand_through_a_forwarded_port(typed: Typed, chat: Watched) -> None:
    assert chat
    assert "ann" in typed(SNIPPETS["quick start by hand"])


def test_it_can_be_looked_at(typed: Typed, chat: Watched) -> None:
    assert chat
    told = typed(SNIPPETS["quick start look"])
    assert "PHASE" in told
    assert "Available" in told

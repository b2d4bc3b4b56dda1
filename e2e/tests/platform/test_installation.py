"""The first day and those after it: install, upgrade, roll back, uninstall, install again, while people chat."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info, Provider
from e2e.images.architecture import of_this_machine
from e2e.images.build import PROJECT, Source, build_all
from e2e.images.engines import answering
from e2e.installation.first_message import EXAMPLE_KEY, first_message
from e2e.installation.install import NAMESPACE, RELEASE, Installation
from e2e.kept import forget_older, kept
from e2e.tests.conftest import CHART_OPTIONS, images_digest, tell
from e2e.tests.operator.chat_clusters import BACKENDS, ROLES, Watched
from e2e.tests.platform.conftest import settled
from e2e.tests.platform.people import People

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
PREVIOUS = "previous"
KEPT_OPERATOR = "test-previous-operator"


def pods(chat: Watched) -> dict[str, str]:
    """Every pod of the ChatCluster, by name, with what tells it from one of the same name."""
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for role in ROLES for pod in chat.pods(role)}


async def test_a_first_message_goes_from_socket_to_socket(chat: Watched, url: str) -> None:
    assert chat
    assert "bob's socket received" in await first_message(url)


def test_the_charts_own_test_prints_the_message_that_arrived(installed: Installation, chat: Watched) -> None:
    assert chat
    told = installed.test_chart()
    assert "Succeeded" in told
    assert "helm-test-ann: " in told, "the message as the other one received it"


def test_the_same_release_again_and_a_rollback_change_no_pod(
    installed: Installation, chat: Watched, kubectl: Kubectl
) -> None:
    before = pods(chat)
    operator = kubectl.json("get", "deployment", "parley-operator", "-n", NAMESPACE)["metadata"]["generation"]
    installed.install_chart(tell, *CHART_OPTIONS)
    assert kubectl.json("get", "deployment", "parley-operator", "-n", NAMESPACE)["metadata"]["generation"] == operator
    installed.install_chart(tell, *CHART_OPTIONS, "--set", "logLevel=debug")
    installed.helm("rollback", RELEASE, "--namespace", NAMESPACE, "--wait")
    settled(chat)
    assert pods(chat) == before


async def test_what_is_uninstalled_leaves_people_chatting_and_is_adopted_again(
    installed: Installation, chat: Watched, url: str, kubectl: Kubectl
) -> None:
    before = pods(chat)
    async with People(url, EXAMPLE_KEY, "uninstall") as people:
        await asyncio.to_thread(installed.helm, "uninstall", RELEASE, "--namespace", NAMESPACE, "--wait")
        assert kubectl.attempt("get", "deployment", "parley-operator", "-n", NAMESPACE).returncode
        assert chat.get()["spec"]["size"], "the definition and every ChatCluster stayed"
        await people.acknowledged(20)
        await asyncio.to_thread(installed.install_chart, tell, *CHART_OPTIONS)
        await asyncio.to_thread(kubectl, "delete", "service", "chat-chat", "-n", BACKENDS)
        await chat.until_async("the new operator looks after it", lambda: chat.child("service", "chat"))
        await asyncio.to_thread(settled, chat)
    people.check()
    assert pods(chat) == before, "nobody was restarted for it"


async def test_the_operator_is_upgraded_from_the_commit_before(
    installed: Installation, chat: Watched, url: str, provider: Provider, info: Info, tmp_path: Path
) -> None:
    """Roles and settings may have changed in between: people notice nothing, and the newest spec is carried out."""
    previous = await asyncio.to_thread(_previous_operator, provider, tmp_path)
    if info.provider != "host":
        pytest.skip("tried on a node of this host only")
    async with People(url, EXAMPLE_KEY, "upgrade") as people:
        await asyncio.to_thread(installed.install_chart, tell, *CHART_OPTIONS, "--set", f"image.tag={previous}")
        await people.acknowledged(20)
        await asyncio.to_thread(installed.install_chart, tell, *CHART_OPTIONS)
        await asyncio.to_thread(chat.patch, {"limits": {"groupMembers": 497}})
        await asyncio.to_thread(settled, chat)
    people.check()
    assert not people.flaps


def _previous_operator(provider: Provider, folder: Path) -> str:
    """Load the operator's image of the commit before this one, built now or by an earlier run; returns its tag."""
    found = subprocess.run(["git", "rev-parse", "HEAD~1"], cwd=PROJECT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("there is no commit before this one here")
    source = folder / "previous"
    source.mkdir()
    archive = subprocess.run(["git", "archive", found.stdout.strip()], cwd=PROJECT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive.stdout, check=True)

    def make(images: Path) -> None:
        build_all(images, answering(), None, of_this_machine(), ("operator",), Source(source, PREVIOUS))
        shutil.rmtree(images / "context")

    provider.load(kept(KEPT_OPERATOR, images_digest(source), make) / "operator.tar")
    forget_older(KEPT_OPERATOR, 3)
    return PREVIOUS

"""Whatever dies while people write: nothing acknowledged is lost or doubled, and everybody is soon back."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from e2e.backends.process import ServerProcess
from e2e.cluster.backends.host_backends import HostBackends
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.installation.first_message import EXAMPLE_KEY
from e2e.tests.operator.chat_clusters import BACKENDS, ROLES, Watched
from e2e.tests.platform.conftest import settled
from e2e.tests.platform.people import People

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
ENOUGH = 20


async def test_a_pod_of_each_role_is_killed(chat: Watched, url: str, kubectl: Kubectl) -> None:
    async with People(url, EXAMPLE_KEY, "kill") as people:
        for role in ROLES:
            await people.acknowledged(ENOUGH)
            (pod, *_) = await asyncio.to_thread(chat.pods, role)
            gone = ("delete", "pod", pod["metadata"]["name"], "-n", BACKENDS, "--grace-period=0", "--force")
            await asyncio.to_thread(kubectl, *gone)
            await people.acknowledged(ENOUGH)
            await asyncio.to_thread(settled, chat)
    people.check()


async def test_every_pod_is_evicted_as_when_a_node_is_drained(chat: Watched, url: str, kubectl: Kubectl) -> None:
    """The budgets decide how many go at a time; nobody is seen offline, since gateways send their clients away."""
    async with People(url, EXAMPLE_KEY, "evict") as people:
        await people.acknowledged(ENOUGH)
        before = await asyncio.to_thread(_uids, chat)
        for role in ROLES:
            for pod in await asyncio.to_thread(chat.pods, role):
                name = pod["metadata"]["name"]
                await chat.until_async(f"{name} may go", partial(_evicted, kubectl, name))
        await asyncio.to_thread(settled, chat)
        await people.acknowledged(ENOUGH)
        await chat.until_async("every pod is another one", lambda: not before & _uids(chat))
    people.check()
    assert not people.flaps, f"nobody left, and yet these were shown offline: {people.flaps}"


def _uids(chat: Watched) -> set[str]:
    return {pod["metadata"]["uid"] for role in ROLES for pod in chat.pods(role)}


def _evicted(kubectl: Kubectl, pod: str) -> bool:
    """Ask once; a budget that says no for now is asked again."""
    body = f'{{"apiVersion":"policy/v1","kind":"Eviction","metadata":{{"name":"{pod}","namespace":"{BACKENDS}"}}}}'
    path = f"/api/v1/namespaces/{BACKENDS}/pods/{pod}/eviction"
    return kubectl.attempt("create", "--raw", path, "-f", "-", text=body).returncode == 0


@pytest.mark.parametrize("server", ["kafka", "cassandra", "redis"])
async def test_a_server_is_killed_and_comes_back(
    chat: Watched, url: str, folder: Path, info: Info, server: str
) -> None:
    if info.provider != "host":
        pytest.skip("only beside a node of this host the test may kill servers")
    servers = HostBackends(folder, bound=True).servers
    chosen: dict[str, tuple[list[ServerProcess], Callable[[], None]]] = {
        "kafka": (servers.kafka.processes, servers.kafka.wait_ready),
        "cassandra": (servers.cassandra.processes, servers.cassandra.wait_ready),
        "redis": (servers.redis.processes, servers.redis.wait_ready),
    }
    processes, wait_ready = chosen[server]
    async with People(url, EXAMPLE_KEY, f"restart-{server}") as people:
        await people.acknowledged(ENOUGH)
        for process in processes:
            process.kill()
        for process in processes:
            process.start()
        await asyncio.to_thread(wait_ready)
        await people.acknowledged(ENOUGH)
        await asyncio.to_thread(settled, chat)
    people.check()

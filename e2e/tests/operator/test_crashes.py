"""An operator that dies anywhere, sees old things or misses news comes to the same end."""

import asyncio
from typing import Any

import pytest

from e2e.cluster.provider import Info
from e2e.tests.operator.chat_clusters import ROLES, Manifest, chat_cluster
from e2e.tests.operator.in_process import Crash, Mortal, OneProcess, live, status_of, with_kube
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.resources import CHAT_CLUSTERS, DEPLOYMENTS, SERVICES
from tests.patience import STILL_S

pytestmark = pytest.mark.cluster
NOWHERE = {role: {"scheduling": {"nodeSelector": {"parley.test/nowhere": "yes"}}} for role in ROLES}
AT_ONCE = 6
MORE = 5


def nowhere(namespace: str, name: str, **spec: Any) -> Manifest:
    """A ChatCluster whose pods are never scheduled."""
    return chat_cluster(namespace, name, **{"components": NOWHERE, **spec})


async def converge(kube: KubernetesClient, namespace: str, name: str, passes: int = 3) -> None:
    """A new process, which sees everything, works until nothing is left to do."""
    process = OneProcess(kube, namespace, name)
    await process.passes(passes, watch=kube)
    await process.end()


async def dies_at(kube: KubernetesClient, namespace: str, name: str, at: int, *, after: bool) -> bool:
    """One life that ends at a write; whether it came so far."""
    process = OneProcess(Mortal(kube, at, after=after), namespace, name)
    try:
        await process.passes(2, watch=kube)
    except Crash:
        return True
    finally:
        await process.end()
    return False


CHANGED = {
    "limits": {"groupMembers": 77},
    "exposure": {"ingress": {"host": "chat.example.com"}},
    "components": {role: NOWHERE[role] | {"replicas": 2} for role in ROLES},
}


SCALED = {"components": {role: NOWHERE[role] | {"replicas": 3} for role in ROLES}}
WITH_INGRESS = {"exposure": {"ingress": {"host": "old.example.com"}}}


async def test_a_crash_at_every_write_of_a_creation_converges_to_the_same_objects(info: Info, place: str) -> None:
    """One ChatCluster for each write: its operator dies there, and the next one goes on."""

    async def work(kube: KubernetesClient) -> None:
        counting = Mortal(kube)
        await kube.create(CHAT_CLUSTERS, nowhere(place, "reference"))
        process = OneProcess(counting, place, "reference")
        await process.passes(2, watch=kube)
        await process.end()
        await converge(kube, place, "reference")
        wanted = await live(kube, place, "reference")
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(at: int) -> None:
            name = f"c{at}"
            async with limit:
                await kube.create(CHAT_CLUSTERS, nowhere(place, name))
                # The last writes are of the status: how many depends on when the servers were found dead.
                died = await dies_at(kube, place, name, at, after=False)
                assert died or at > counting.writes - 3, f"it ended before write {at}"
                await converge(kube, place, name)
                assert await live(kube, place, name) == wanted, f"died at write {at}"

        assert counting.writes > len(ROLES)
        await asyncio.gather(*(one(at) for at in range(1, counting.writes + 1)))

    await with_kube(info.kubeconfig, work)


async def lives_of_one_write(kube: KubernetesClient, namespace: str, name: str, most: int) -> int:
    """One operator after the other, each of which dies with its first write: every boundary is crossed by a death.

    Ends when one finds nothing to write, or the ChatCluster is gone, or so many died; returns how many did. There may
    be no other end: whoever begins knows nothing of the servers yet, and says so in the status.
    """
    for number in range(most):
        if await kube.get(CHAT_CLUSTERS, namespace, name) is None:
            return number
        if not await dies_at(kube, namespace, name, 1, after=True):
            return number
    return most


@pytest.mark.parametrize(
    ("first", "change"),
    [({}, None), (WITH_INGRESS, CHANGED), ({}, SCALED)],
    ids=["create", "update", "scale"],
)
async def test_operators_that_die_after_each_single_write_get_there_all_the_same(
    info: Info, place: str, first: dict[str, Any], change: dict[str, Any] | None
) -> None:
    async def begun(kube: KubernetesClient, name: str) -> None:
        await kube.create(CHAT_CLUSTERS, nowhere(place, name, **first))
        if change is not None:
            await converge(kube, place, name)
            await kube.apply(CHAT_CLUSTERS, nowhere(place, name, **change), manager="person")

    async def work(kube: KubernetesClient) -> None:
        await begun(kube, "reference")
        counting = Mortal(kube)
        process = OneProcess(counting, place, "reference")
        await process.passes(2, watch=kube)
        await process.end()
        await converge(kube, place, "reference")
        await begun(kube, "mortal")
        died = await lives_of_one_write(kube, place, "mortal", counting.writes + MORE)
        assert died >= counting.writes - 2 > len(ROLES), "every write was somebody's last"
        await converge(kube, place, "mortal")
        assert await live(kube, place, "mortal") == await live(kube, place, "reference")

    await with_kube(info.kubeconfig, work)


async def test_a_pass_without_news_writes_nothing_and_reads_only_the_chat_cluster(info: Info, place: str) -> None:
    async def work(kube: KubernetesClient) -> None:
        await kube.create(CHAT_CLUSTERS, nowhere(place, "quiet"))
        counting = Mortal(kube)
        process = OneProcess(counting, place, "quiet")
        await process.passes(4, watch=kube)
        await asyncio.sleep(0)
        before = counting.writes
        counting.read.clear()
        known = dict(await status_of(kube, place, "quiet"))
        await process.passes(3, watch=kube)
        await process.end()
        assert counting.read == ["ChatCluster"] * 3
        told = counting.writes - before
        assert told <= (1 if known != await status_of(kube, place, "quiet") else 0)

    await with_kube(info.kubeconfig, work)


async def test_old_reads_and_lost_news_do_no_harm(info: Info, place: str) -> None:
    async def work(kube: KubernetesClient) -> None:
        await kube.create(CHAT_CLUSTERS, nowhere(place, "stale"))
        process = OneProcess(kube, place, "stale")
        await process.see(kube)
        await process.passes(3)
        wanted = await live(kube, place, "stale")
        # Another process sees what was there before anything was made, and nothing since.
        blind = OneProcess(kube, place, "stale")
        await blind.passes(3)
        assert await live(kube, place, "stale") == wanted
        # Objects vanish without a word: listing all of them again finds out.
        await kube.delete(SERVICES, place, "stale-chat")
        await kube.delete(DEPLOYMENTS, place, "stale-fanout")
        assert await process.list_again() == {(place, "stale")}
        await process.passes(2)
        assert await live(kube, place, "stale") == wanted
        await process.end()
        await blind.end()

    await with_kube(info.kubeconfig, work)


async def test_a_crash_at_every_write_of_a_deletion_ends_with_nothing_left(info: Info, place: str) -> None:
    """With servers that are gone: workloads go first, and after the timeout the ChatCluster does."""
    asked = {"deletionPolicy": "Delete", "deletionTimeoutSeconds": 10}

    async def work(kube: KubernetesClient) -> None:
        await kube.create(CHAT_CLUSTERS, nowhere(place, "going", **asked))
        await converge(kube, place, "going", passes=2)
        await kube.delete(CHAT_CLUSTERS, place, "going")
        died = 0
        async with asyncio.timeout(STILL_S):
            while await kube.get(CHAT_CLUSTERS, place, "going") is not None:
                died += await lives_of_one_write(kube, place, "going", MORE)
                await asyncio.sleep(0.5)
        assert died > len(ROLES), "every write was somebody's last"
        assert not any("Deployment/" in name or "StatefulSet/" in name for name in await live(kube, place, "going"))

    await with_kube(info.kubeconfig, work)

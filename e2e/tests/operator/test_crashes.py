"""An operator that dies anywhere, sees old things or misses news comes to the same end."""

import asyncio
from typing import Any

import pytest

from e2e.cluster.provider import Info
from e2e.tests.operator.chat_clusters import ROLES, Manifest, chat_cluster
from e2e.tests.operator.in_process import Crash, Mortal, OneProcess, live, status_of, with_kube
from parley_operator.kube.client import KubernetesClient
from parley_operator.kube.resources import CHAT_CLUSTERS, DEPLOYMENTS, SERVICES

pytestmark = pytest.mark.cluster
NOWHERE = {role: {"scheduling": {"nodeSelector": {"parley.test/nowhere": "yes"}}} for role in ROLES}
AT_ONCE = 6


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


@pytest.mark.parametrize(
    "first", [{}, {"exposure": {"ingress": {"host": "old.example.com"}}}], ids=["create", "update"]
)
async def test_a_crash_at_every_write_converges_to_the_same_objects(
    info: Info, place: str, first: dict[str, Any]
) -> None:
    async def work(kube: KubernetesClient) -> None:
        reference = "reference"
        await kube.create(CHAT_CLUSTERS, nowhere(place, reference, **first))
        await converge(kube, place, reference)
        counting = Mortal(kube)
        if first:
            await kube.apply(CHAT_CLUSTERS, nowhere(place, reference, **CHANGED), manager="person")
            process = OneProcess(counting, place, reference)
            await process.passes(2, watch=kube)
            await process.end()
            await converge(kube, place, reference)
        wanted = await live(kube, place, reference)
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(at: int) -> None:
            name = f"c{at}"
            async with limit:
                await kube.create(CHAT_CLUSTERS, nowhere(place, name, **first))
                if first:
                    await converge(kube, place, name, passes=2)
                    await kube.apply(CHAT_CLUSTERS, nowhere(place, name, **CHANGED), manager="person")
                assert await dies_at(kube, place, name, at, after=False), "it ended before that write"
                await converge(kube, place, name)
                assert await live(kube, place, name) == wanted, f"died at write {at}"

        writes = counting.writes if first else len(wanted) + 2
        assert writes > len(ROLES)
        await asyncio.gather(*(one(at) for at in range(1, writes + 1, 2 if first else 1)))

    await with_kube(info.kubeconfig, work)


async def test_a_second_pass_writes_nothing(info: Info, place: str) -> None:
    async def work(kube: KubernetesClient) -> None:
        await kube.create(CHAT_CLUSTERS, nowhere(place, "quiet"))
        counting = Mortal(kube)
        process = OneProcess(counting, place, "quiet")
        await process.passes(4, watch=kube)
        await asyncio.sleep(0)
        before = counting.writes
        known = dict(await status_of(kube, place, "quiet"))
        await process.passes(3, watch=kube)
        await process.end()
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
        # Objects vanish without a word: a look at what was not heard of finds out.
        await kube.delete(SERVICES, place, "stale-chat")
        await kube.delete(DEPLOYMENTS, place, "stale-fanout")
        key = (place, "stale")
        for state in process.cache.of(key).values():
            process.cache.confirm(key, state.ref, -1e9)
        await process.passes(2)
        assert await live(kube, place, "stale") == wanted
        await process.end()
        await blind.end()

    await with_kube(info.kubeconfig, work)


async def test_a_crash_at_every_write_of_a_deletion_ends_with_nothing_left(info: Info, place: str) -> None:
    """With servers that are gone: workloads go first, and after the timeout the ChatCluster does."""
    asked = {"deletionPolicy": "Delete", "deletionTimeoutSeconds": 10}

    async def one(kube: KubernetesClient, at: int) -> None:
        name = f"d{at}"
        await kube.create(CHAT_CLUSTERS, nowhere(place, name, **asked))
        await converge(kube, place, name, passes=2)
        await kube.delete(CHAT_CLUSTERS, place, name)
        await dies_at(kube, place, name, at, after=bool(at % 2))
        process = OneProcess(kube, place, name)
        async with asyncio.timeout(90):
            while await kube.get(CHAT_CLUSTERS, place, name) is not None:
                await process.passes(1, watch=kube)
                await asyncio.sleep(1)
        await process.end()

    async def work(kube: KubernetesClient) -> None:
        await asyncio.gather(*(one(kube, at) for at in range(1, len(ROLES) + 3)))

    await with_kube(info.kubeconfig, work)

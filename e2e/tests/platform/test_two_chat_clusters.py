"""Two ChatClusters on the same servers: their people, topics and keyspaces have nothing to do with each other."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.backends.addresses import NAMESPACE, secret_name
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.installation.first_message import EXAMPLE_KEY, first_message
from e2e.tests.conftest import SECOND_NAMESPACE
from e2e.tests.operator.chat_clusters import Watched, chat_cluster, real_spec, tokens
from e2e.tests.operator.crowd import token
from e2e.tests.platform.conftest import settled
from parley.client import ParleyClient
from parley.domain.errors import ParleyError

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
SOCKETS, API = 30443, 30090
OTHER_KEY = "another-key-another-key-another-key-another"


@pytest.fixture(scope="module")
def other(chat: Watched, kubectl: Kubectl) -> Iterator[Watched]:
    """A second one, of the same name, in a namespace of its own."""
    assert chat
    for backend in ("kafka", "cql", "redis"):
        login = kubectl.json("get", "secret", secret_name(backend), "-n", NAMESPACE)
        metadata = {"name": secret_name(backend), "namespace": SECOND_NAMESPACE}
        kubectl.apply({**login, "metadata": metadata})
    exposure = {"service": {"type": "NodePort", "nodePort": SOCKETS, "apiNodePort": API}}
    kubectl.apply(tokens(SECOND_NAMESPACE, OTHER_KEY))
    kubectl.apply(chat_cluster(SECOND_NAMESPACE, exposure=exposure, **real_spec("second")))
    watched = Watched(kubectl, SECOND_NAMESPACE)
    settled(watched)
    yield watched
    kubectl("delete", "chatcluster", "chat", "-n", SECOND_NAMESPACE, "--wait=true")


async def test_nothing_of_one_is_seen_in_the_other(chat: Watched, other: Watched, url: str, info: Info) -> None:
    elsewhere = f"http://127.0.0.1:{info.node_ports[SOCKETS]}"
    assert "received" in await first_message(url)
    async with ParleyClient(elsewhere, token(OTHER_KEY, "bob"), device="second", listen=False) as bob:
        assert not bob.conversations, "the bob of the other platform has conversations, this one has none"
    assert "received" in await first_message(elsewhere, OTHER_KEY)
    with pytest.raises(ParleyError):
        async with ParleyClient(elsewhere, token(EXAMPLE_KEY, "bob"), device="second", listen=False):
            pytest.fail("a token of one platform opened the other")
    mine, theirs = [(await asyncio.to_thread(each.get))["spec"] for each in (chat, other)]
    assert _stores(mine).isdisjoint(_stores(theirs))


def _stores(spec: dict[str, Any]) -> set[str]:
    """Where a ChatCluster keeps things on the servers it shares."""
    topics = spec["kafka"].get("topics", {}).get("prefix", "parley.")
    return {f"topics {topics}", f"keyspace {spec['cql']['keyspace']}", f"keys {spec['redis'].get('prefix')}"}

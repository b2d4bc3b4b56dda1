"""The platform as a team has it: installed by the chart, with the example's ChatCluster, reached through NodePorts."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.installation.first_message import sockets_at
from e2e.installation.install import EXAMPLE, Installation
from e2e.tests.operator.chat_clusters import BACKENDS, ROLES, Watched

TWO_OF_EACH = {role: {"replicas": 2} for role in ROLES}
FAST_DRAIN = {"ratePerSecond": 50, "initialDelaySeconds": 1}


@pytest.fixture(scope="session")
def chat(installed: Installation, kubectl: Kubectl, info: Info) -> Iterator[Watched]:
    """The example's ChatCluster with two pods of each role, so that one can be missed."""
    if len(info.node_ports) < len(("sockets", "api")):
        pytest.skip(f"the provider {info.provider} maps no NodePorts to this machine")
    assert installed
    kubectl("apply", "-f", str(EXAMPLE))
    watched = Watched(kubectl, BACKENDS)
    components: dict[str, Any] = {**TWO_OF_EACH, "gateway": TWO_OF_EACH["gateway"] | {"drain": FAST_DRAIN}}
    watched.patch({"components": components})
    settled(watched)
    yield watched
    kubectl("delete", "chatcluster", "chat", "-n", BACKENDS, "--wait=true")


@pytest.fixture(scope="session")
def url(info: Info) -> str:
    """Where sockets are reached."""
    return sockets_at(info)


def settled(chat: Watched) -> None:
    """Everything is as the newest spec wants it, with every pod that it wants."""
    for condition in ("Available", "GatewayReady", "ChatReady", "SequencerReady", "FanoutReady", "ReceiptsReady"):
        chat.until_condition(condition)

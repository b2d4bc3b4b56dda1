"""The thinnest path through everything real: images, cluster, servers, and a message from one socket to another."""

import asyncio
import secrets
import time
from typing import Any

import httpx
import pytest

from e2e.cluster.backends.addresses import NAMESPACE
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.tests.cluster.platform_by_hand import objects, preparation
from parley.adapters.jwt.mint import mint_token
from parley.client import ParleyClient
from parley.contract import ROLES

pytestmark = [pytest.mark.cluster, pytest.mark.servers]
PATIENCE_S = 120.0
KEY = secrets.token_hex(32)


@pytest.fixture(scope="module")
def platform(kubectl: Kubectl, info: Info, images: dict[str, str], backends: dict[str, Any]) -> dict[str, str]:
    """Every role as pods; returns the URLs of gateway and chat."""
    assert backends["namespace"] == NAMESPACE
    exposed = dict(zip(("gateway", "chat"), info.node_ports.items(), strict=False))
    if len(exposed) < len(("gateway", "chat")):
        pytest.skip(f"the provider {info.provider} maps no NodePorts to this machine")
    image = images["services"]
    node_ports = {role: node_port for role, (node_port, _) in exposed.items()}
    manifests = objects(image, KEY, node_ports)
    kubectl.apply(*manifests[:1], preparation(image, "topics"), preparation(image, "schema"))
    for what in ("topics", "schema"):
        kubectl.wait("jsonpath={.status.phase}=Succeeded", f"pod/prepare-{what}", "-n", NAMESPACE)
    kubectl.apply(*manifests)
    for role in ROLES:
        kind = "statefulset" if role == "gateway" else "deployment"
        kubectl("rollout", "status", f"{kind}/{role}", "-n", NAMESPACE)
    return {role: f"http://127.0.0.1:{local}" for role, (_, local) in exposed.items()}


def token(user: str) -> str:
    """A token for an hour."""
    return mint_token(KEY, user, expires_at_s=int(time.time()) + 3600)


async def test_a_message_goes_from_socket_to_socket_through_pods(platform: dict[str, str]) -> None:
    gateway = platform["gateway"]
    async with (
        asyncio.timeout(PATIENCE_S),
        ParleyClient(gateway, token("ann"), listen=False) as ann,
        ParleyClient(gateway, token("bob")) as bob,
    ):
        sent = await ann.send("through the cluster", to="bob")
        assert await sent.sequenced() == 1
        async for message in bob.messages():
            assert message.entry.content is not None
            assert (message.entry.sender, message.entry.content.text) == ("ann", "through the cluster")
            break


def test_chat_answers_people_through_its_node_port(platform: dict[str, str]) -> None:
    answer = httpx.get(f"{platform['chat']}/v1/conversations", headers={"Authorization": f"Bearer {token('carol')}"})
    assert answer.status_code == httpx.codes.OK


def test_a_running_container_has_no_shell_and_writes_nowhere_but_to_mounts(
    kubectl: Kubectl, platform: dict[str, str]
) -> None:
    assert platform
    inside = ("exec", "gateway-0", "-n", NAMESPACE, "--")
    assert "no such file" in kubectl.attempt(*inside, "/bin/sh", "-c", "true").stderr
    script = "import os; print(os.getuid()); open('/opt/parley/x', 'w')"
    done = kubectl.attempt(*inside, "/opt/parley/bin/python", "-c", script)
    assert done.stdout.strip() == "65532"
    assert "Read-only file system" in done.stderr

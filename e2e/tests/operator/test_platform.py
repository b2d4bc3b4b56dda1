"""A ChatCluster on real servers, with real pods: from `kubectl apply` to people who chat, and through every change.

The tests use one platform, in their order: it begins as the example of the documentation and grows.
"""

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from e2e.cluster.backends.host_backends import HostBackends
from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info, Provider
from e2e.images.build import PROJECT
from e2e.installation.install import NAMESPACE
from e2e.tests.operator.chat_clusters import BACKENDS, ROLES, Watched
from e2e.tests.operator.crowd import Conversation, Crowd, busiest, token
from parley.client import ParleyClient
from tests.patience import STILL_S, Patience

pytestmark = [pytest.mark.cluster, pytest.mark.servers, pytest.mark.slow]
KEY = "change-me-change-me-change-me-change-me"
ARBITRARY_USER = 1_000_670_000
RATE = 10
CROWD = 300
EXAMPLE = PROJECT / "examples" / "chatcluster.yaml"


@pytest.fixture(scope="module")
def chat(kubectl: Kubectl, deployed: str, info: Info) -> Iterator[Watched]:
    """The example's ChatCluster, with every pod under a user that nobody knew before."""
    assert deployed
    if len(info.node_ports) < len(("sockets", "api")):
        pytest.skip(f"the provider {info.provider} maps no NodePorts to this machine")
    kubectl("apply", "-f", str(EXAMPLE))
    watched = Watched(kubectl, BACKENDS)
    yield watched
    kubectl("delete", "chatcluster", "chat", "-n", BACKENDS, "--wait=true")


@pytest.fixture(scope="module")
def url(info: Info) -> str:
    """Where sockets are reached."""
    return f"http://127.0.0.1:{info.node_ports[30080]}"


def settled(chat: Watched) -> None:
    """Everything is as the newest spec wants it."""
    for condition in ("Available", "GatewayReady", "ChatReady", "SequencerReady", "FanoutReady", "ReceiptsReady"):
        chat.until_condition(condition)


def starts(chat: Watched, role: str = "gateway") -> dict[str, str]:
    """When each pod began, by name: a restarted one has another."""
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in chat.pods(role)}


async def test_the_example_becomes_available_and_two_people_chat(chat: Watched, url: str) -> None:
    await asyncio.to_thread(chat.until_condition, "Available")
    async with (
        asyncio.timeout(STILL_S),
        ParleyClient(url, token(KEY, "ann"), listen=False) as ann,
        ParleyClient(url, token(KEY, "bob")) as bob,
    ):
        sent = await ann.send("through the operator", to="bob")
        assert await sent.sequenced() == 1
        async for message in bob.messages():
            assert message.entry.content is not None
            assert message.entry.content.text == "through the operator"
            break


def test_the_spec_is_as_it_was_applied_and_a_second_apply_changes_nothing(chat: Watched, kubectl: Kubectl) -> None:
    before = chat.get()
    assert "unchanged" in kubectl("apply", "-f", str(EXAMPLE)).splitlines()[-1]
    after = chat.get()
    (wanted,) = [each for each in yaml.safe_load_all(EXAMPLE.read_text()) if each["kind"] == "ChatCluster"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"] == 1
    assert _holds(after["spec"], wanted["spec"]), "what was applied is there as it was applied"
    shown = kubectl.json("get", "chatcluster", "chat", "-n", BACKENDS, "--show-managed-fields")
    others = [each["manager"] for each in shown["metadata"]["managedFields"] if "f:spec" in each["fieldsV1"]]
    assert len(others) == 1, "nobody but who applied it owns anything of the spec"
    assert "finalizers" not in after["metadata"]


def test_no_pod_has_a_shell_and_the_internal_secret_is_shown_nowhere(chat: Watched, kubectl: Kubectl) -> None:
    assert chat.pods("gateway")
    inside = ("exec", "chat-gateway-0", "-n", BACKENDS, "--")
    assert "no such file" in kubectl.attempt(*inside, "/bin/sh", "-c", "true").stderr
    secret = kubectl.json("get", "secret", "chat-internal", "-n", BACKENDS)["data"]["secret"]
    shown = kubectl("get", "chatclusters,configmaps,pods,events", "-n", BACKENDS, "-o", "json")
    shown += kubectl("logs", "-l", "app.kubernetes.io/name=parley-operator", "--tail=-1", "-n", NAMESPACE)
    assert secret not in shown


async def test_a_rollout_is_paced_and_outlives_the_operator(
    chat: Watched, url: str, kubectl: Kubectl, everything_new: dict[str, Any]
) -> None:
    """300 sockets on 3 gateways, 10 leave each second; the operator dies when one of three is replaced."""
    drain = {"ratePerSecond": RATE, "initialDelaySeconds": 2}
    gateway = {"replicas": 3, "drain": drain, "autoscaling": {"targetConnections": 200}}
    await asyncio.to_thread(chat.patch, {"components": {"gateway": gateway}})
    await asyncio.to_thread(settled, chat)
    async with Crowd(url, KEY, CROWD) as crowd, Conversation(url, KEY, "rollout") as talk:
        await crowd.until_all()
        crowd.asked.clear()
        crowd.cut.clear()
        before = await asyncio.to_thread(starts, chat)
        await asyncio.to_thread(chat.patch, everything_new)
        await chat.until_async("one gateway is new", lambda: _replaced(before, starts(chat)) == 1)
        await asyncio.to_thread(_kill_operator, kubectl)
        middle = await asyncio.to_thread(starts, chat)
        await asyncio.to_thread(settled, chat)
        await talk.settled()
        after = await asyncio.to_thread(starts, chat)
    assert not crowd.cut, f"connections were cut: {crowd.cut[:3]}"
    assert len(crowd.asked) >= CROWD, "everybody was asked to leave once at least"
    # Gateways keep the pace; what the crowd notes is late by as much as this machine is busy, but never by a second.
    assert busiest(crowd.asked, 10.0) <= RATE * 11, "nobody was asked faster than the rate"
    assert talk.acknowledged
    assert talk.received == talk.acknowledged
    new = [name for name in after if after[name] != middle.get(name)]
    assert len(new) == len(before) - 1, "only the other two restarted after the operator came back"
    pods = [pod for role in ROLES for pod in chat.pods(role) if "deletionTimestamp" not in pod["metadata"]]
    assert {pod["spec"]["securityContext"]["runAsUser"] for pod in pods} == {ARBITRARY_USER}


@pytest.fixture
def everything_new(provider: Provider, kubectl: Kubectl, folder: Path, images: dict[str, str]) -> dict[str, Any]:
    """A change of the spec that restarts every pod: another image, another user of the system and of Kafka."""
    image = _another_name(provider, images["services"])
    KafkaUsers(folder).set("rotating", "first-password")
    kubectl.apply(login("rotating", "first-password"))
    user = {"spec": {"securityContext": {"runAsUser": ARBITRARY_USER}}}
    return {
        "image": image,
        "components": {role: {"podTemplate": user} for role in ROLES},
        "kafka": {"authentication": {"credentialsSecret": {"name": "kafka-rotating"}}},
    }


def _holds(whole: Any, part: Any) -> bool:
    """Whether everything of `part` is in `whole`, which the API server's defaults complete."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(_holds(whole.get(name), value) for name, value in part.items())
    return bool(whole == part)


def _another_name(provider: Provider, image: str) -> str:
    """The same image under another name, so that a rollout has something to roll out."""
    if not isinstance(provider, HostProvider):
        pytest.skip("only a node of this host lets the test name images")
    other = f"docker.io/{image.partition(':')[0]}:again"
    command = ["ctr", "--address", "/run/containerd/containerd.sock", "-n", "k8s.io", "images", "tag", "--force"]
    done = subprocess.run(
        [*provider.enter(), *command, f"docker.io/{image}", other], capture_output=True, text=True, check=False
    )
    if done.returncode:
        subprocess.run([*provider.enter(), *command, image, other.removeprefix("docker.io/")], check=True)
        return other.removeprefix("docker.io/")
    return other


def _replaced(before: dict[str, str], now: dict[str, str]) -> int:
    return sum(1 for name, uid in now.items() if before.get(name) != uid)


def _kill_operator(kubectl: Kubectl) -> None:
    """End the operator without a word."""
    labels = ("-l", "app.kubernetes.io/name=parley-operator")
    kubectl("delete", "pod", "-n", NAMESPACE, *labels, "--grace-period=0", "--force")


def test_a_bad_image_stops_at_the_canary_and_goes_back_and_the_spec_can_be_corrected(chat: Watched) -> None:
    good = chat.get()["spec"]["image"]
    before = starts(chat)
    chat.patch({"image": "parley.chat/services:does-not-exist"})
    chat.until("it is said", lambda: chat.events("RolledBack"))
    chat.until_condition("GatewayReady", "False", "RolledBack")
    chat.until("three gateways work", lambda: chat.child("statefulset", "gateway")["status"]["readyReplicas"] == 3)
    assert _replaced(before, starts(chat)) == 1, "only the canary was touched"
    chat.patch({"image": good})
    settled(chat)
    assert _replaced(before, starts(chat)) == 1


def test_a_changed_password_reaches_every_pod_through_the_drain(
    chat: Watched, kubectl: Kubectl, folder: Path, info: Info
) -> None:
    """Of the user of Kafka that the rollout before brought."""
    if info.provider != "host":
        pytest.skip("only beside a node of this host the test may change users of Kafka")
    chat.until_condition("KafkaReady")
    assert chat.get()["spec"]["kafka"]["authentication"]["credentialsSecret"]["name"] == "kafka-rotating"
    before = starts(chat, "chat") | starts(chat, "sequencer")
    gateways = starts(chat)
    KafkaUsers(folder).set("rotating", "second-password")
    kubectl.apply(login("rotating", "second-password"))
    chat.until("pods of chat and sequencer are new", lambda: not set(before.values()) & _all_uids(chat))
    settled(chat)
    chat.until_condition("KafkaReady")
    assert starts(chat) == gateways, "gateways do not know this password, and go on"


def _all_uids(chat: Watched) -> set[str]:
    return set((starts(chat, "chat") | starts(chat, "sequencer")).values())


class KafkaUsers:
    """Users of the test's Kafka."""

    def __init__(self, folder: Path) -> None:
        """Log in as the one that made it."""
        kafka = HostBackends(folder).servers.kafka
        self._admin = AdminClient(kafka.client_configuration(kafka.addresses))

    def set(self, user: str, password: str) -> None:
        """Make a user, or give him another password."""
        kind = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        change = UserScramCredentialUpsertion(user, kind, password.encode())
        for future in self._admin.alter_user_scram_credentials([change]).values():
            future.result(STILL_S)


def login(user: str, password: str) -> dict[str, Any]:
    """The Secret of a user of Kafka."""
    metadata = {"name": f"kafka-{user}", "namespace": BACKENDS}
    data = {"username": user, "password": password}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


async def test_gateways_follow_the_load_up_and_down(chat: Watched, url: str) -> None:
    """2,000 people arrive where a gateway should have 500; when they leave, one gateway after the other goes."""
    scaling = {
        "mode": "operator",
        "minReplicas": 1,
        "maxReplicas": 6,
        "targetConnections": 500,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 5, "periodSeconds": 1}},
    }
    gateway = {"replicas": 1, "autoscaling": scaling, "drain": {"ratePerSecond": 400, "initialDelaySeconds": 1}}
    await asyncio.to_thread(chat.patch, {"components": {"gateway": gateway}})
    await chat.until_async("one gateway is left", lambda: len(chat.pods("gateway")) == 1)
    await asyncio.to_thread(settled, chat)
    async with Crowd(url, KEY, 2000, name="visitor") as crowd:
        await crowd.until_all()
        await chat.until_async("four gateways are wanted", lambda: _wanted(chat) == 4)
        await chat.until_async("four gateways are ready", lambda: chat.get()["status"]["gateways"] == "4/4")
    counts, patience = [4], Patience(time.monotonic())
    while counts[-1] > 1 and not patience.over(time.monotonic(), counts[-1]):
        pods = await asyncio.to_thread(chat.pods, "gateway")
        leaving = [pod for pod in pods if "deletionTimestamp" in pod["metadata"]]
        assert len(leaving) <= 1, "one drained gateway at a time"
        now = await asyncio.to_thread(_wanted, chat)
        if now != counts[-1]:
            counts.append(now)
        await asyncio.sleep(0.2)
    assert counts == [4, 3, 2, 1]
    assert any("gateway: 4 -> 3" in message or "1 for each" in message for message in chat.events("Scaled"))


def _wanted(chat: Watched) -> int:
    return int(json.loads(json.dumps(chat.child("statefulset", "gateway")["spec"]["replicas"])))

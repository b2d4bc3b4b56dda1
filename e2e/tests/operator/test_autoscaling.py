"""Who scales may change at any time; the number of pods that is there never jumps."""

import subprocess
from itertools import pairwise

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.tests.operator.chat_clusters import Watched, on_fake_nodes
from e2e.tests.operator.conftest import Start

pytestmark = pytest.mark.cluster
_FOLLOW = ("get", "statefulset", "chat-gateway", "--watch", "-o", "jsonpath={.spec.replicas}{'\\n'}")


def test_the_count_never_jumps_when_an_autoscaler_comes_and_goes(
    watched: Watched, start: Start, fake_node: str, kubectl: Kubectl
) -> None:
    assert fake_node
    start(metrics_s=2).until_leading()
    watched.apply(components=on_fake_nodes(replicas=2))
    watched.until_condition("GatewayReady")
    every_version = subprocess.Popen(
        [*kubectl.command, *_FOLLOW, "-n", watched.namespace], stdout=subprocess.PIPE, text=True
    )

    def replicas() -> int:
        return int(watched.child("statefulset", "gateway")["spec"]["replicas"])

    scaled = on_fake_nodes(replicas=2, autoscaling={"mode": "hpa", "minReplicas": 5, "maxReplicas": 8})
    watched.apply(components=scaled)
    watched.until("the autoscaler moved the count", lambda: replicas() == 5)
    watched.apply(components=on_fake_nodes(replicas=2))
    watched.until("the autoscaler is gone", lambda: not _autoscalers(kubectl, watched))
    watched.until("it is as the spec says again", lambda: replicas() == 2)
    every_version.terminate()
    seen = [int(line) for line in every_version.communicate()[0].split()]
    steps = [later - earlier for earlier, later in pairwise(seen)]
    assert max(seen) == 5, seen
    assert all(step >= -1 for step in steps), seen
    assert min(seen) == 2, seen


def _autoscalers(kubectl: Kubectl, watched: Watched) -> list[object]:
    found: list[object] = kubectl.json("get", "horizontalpodautoscalers", "-n", watched.namespace)["items"]
    return found


def test_an_autoscalers_count_is_never_overwritten(watched: Watched, start: Start, fake_node: str) -> None:
    assert fake_node
    start().until_leading()
    scaled = on_fake_nodes(replicas=2, autoscaling={"mode": "hpa", "minReplicas": 3, "maxReplicas": 8})
    watched.apply(components=scaled)
    watched.until(
        "it begins within the bounds", lambda: watched.child("statefulset", "gateway")["spec"]["replicas"] == 3
    )
    watched.kubectl("scale", "statefulset/chat-gateway", "--replicas=4", "-n", watched.namespace)
    watched.patch({"limits": {"groupMembers": 50}})
    watched.until(
        "the change arrives",
        lambda: watched.child("configmap", "settings")["data"]["PARLEY_GROUP_MEMBERS"] == "50",
    )
    assert watched.child("statefulset", "gateway")["spec"]["replicas"] >= 3
    assert watched.child("horizontalpodautoscaler", "gateway")["spec"]["scaleTargetRef"]["name"] == "chat-gateway"


def test_keda_that_is_not_there_is_said_and_the_count_stays(watched: Watched, start: Start, fake_node: str) -> None:
    assert fake_node
    start().until_leading()
    keda = {"mode": "keda", "maxReplicas": 4, "targetCpuPercent": 60}
    watched.apply(components=on_fake_nodes(replicas=2, autoscaling=keda))
    watched.until_condition("AutoscalingReady", "False", "ScalerMissing")
    watched.until("the count is as wanted", lambda: watched.child("statefulset", "gateway")["spec"]["replicas"] == 2)

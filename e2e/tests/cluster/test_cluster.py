"""What the operator's tests may rely on: a cluster is a real one."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.tests.cluster.workloads import ECHO, PORT, fake_node_manifest, pod, pod_spec, probe, service, workload
from tests.patience import STILL_S

pytestmark = [pytest.mark.cluster]
Found = TypeVar("Found")


def eventually(ask: Callable[[], Found | None], what: str) -> Found:
    """The first answer that is not None; what a cluster does takes its time."""
    deadline = time.monotonic() + STILL_S
    while time.monotonic() < deadline:
        answer = ask()
        if answer is not None:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {STILL_S:g} s")


def test_the_node_is_ready_and_of_the_pinned_minor_version(kubectl: Kubectl, info: Info) -> None:
    nodes = kubectl.json("get", "nodes")["items"]
    ready = {condition["type"]: condition["status"] for condition in nodes[0]["status"]["conditions"]}["Ready"]
    assert ready == "True"
    assert info.versions["kubernetes"].startswith("v1.36.")


def test_pods_reach_each_other_by_the_names_of_a_headless_stateful_set(
    kubectl: Kubectl, namespace: str, images: dict[str, str]
) -> None:
    spec = pod_spec(images["services"], ECHO, readinessProbe=probe())
    echo = workload("StatefulSet", namespace, "echo", spec, replicas=2, serviceName="echo")
    kubectl.apply(service(namespace, "echo", clusterIP="None"), echo)
    kubectl("rollout", "status", "statefulset/echo", "-n", namespace)
    url = f"http://echo-1.echo.{namespace}.svc.cluster.local:{PORT}/from-the-other"
    script = f"import urllib.request; print(urllib.request.urlopen('{url}', timeout=5).read().decode())"

    def asked() -> str | None:
        done = kubectl.attempt("exec", "echo-0", "-n", namespace, "--", "/opt/parley/bin/python", "-c", script)
        return done.stdout.strip() if done.returncode == 0 else None

    assert eventually(asked, "the other pod's answer") == "echo-1"
    assert "asked for /from-the-other" in kubectl("logs", "echo-1", "-n", namespace)


def test_a_node_port_is_reached_through_loopback(
    kubectl: Kubectl, namespace: str, images: dict[str, str], info: Info
) -> None:
    if not info.node_ports:
        pytest.skip(f"the provider {info.provider} maps no NodePorts to this machine")
    node_port, local = next(iter(info.node_ports.items()))
    spec = pod_spec(images["services"], ECHO, readinessProbe=probe())
    exposed = service(namespace, "echo", type="NodePort", node_port=node_port)
    kubectl.apply(exposed, workload("Deployment", namespace, "echo", spec))
    kubectl("rollout", "status", "deployment/echo", "-n", namespace)

    def asked() -> str | None:
        try:
            return httpx.get(f"http://127.0.0.1:{local}/", timeout=5).text
        except httpx.TransportError:
            return None

    assert eventually(asked, "an answer through 127.0.0.1").startswith("echo-")


def test_a_claim_keeps_what_a_pod_wrote_for_the_next_one(
    kubectl: Kubectl, namespace: str, images: dict[str, str]
) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "kept", "namespace": namespace},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Mi"}}},
    }
    volumes = {"volumes": [{"name": "kept", "persistentVolumeClaim": {"claimName": "kept"}}]}
    mounts = [{"name": "kept", "mountPath": "/kept"}]
    kubectl.apply(claim)
    for name, script in (("writer", "open('/kept/x', 'w').write('42')"), ("reader", "print(open('/kept/x').read())")):
        spec = pod_spec(images["services"], script, volumeMounts=mounts) | volumes
        # A folder of the host belongs to root, and no driver is there to hand it over.
        spec["containers"][0]["securityContext"] = {"runAsUser": 0}
        kubectl.apply(pod(namespace, name, spec))
        kubectl.wait("jsonpath={.status.phase}=Succeeded", f"pod/{name}", "-n", namespace)
    assert kubectl("logs", "reader", "-n", namespace).strip() == "42"


def test_an_eviction_waits_for_the_disruption_budget_and_then_ends_the_pod(
    kubectl: Kubectl, namespace: str, images: dict[str, str]
) -> None:
    spec = pod_spec(images["services"], ECHO, readinessProbe=probe())
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "echo", "namespace": namespace},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "echo"}}},
    }
    kubectl.apply(workload("Deployment", namespace, "echo", spec), budget)
    kubectl("rollout", "status", "deployment/echo", "-n", namespace)
    name = kubectl.json("get", "pods", "-n", namespace)["items"][0]["metadata"]["name"]
    metadata = {"name": name, "namespace": namespace}
    eviction = json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata})
    evict = ("create", "--raw", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", "-f", "-")
    assert "disruption budget" in kubectl.attempt(*evict, text=eviction).stderr
    kubectl("delete", "pdb/echo", "-n", namespace)
    kubectl(*evict, text=eviction)
    kubectl.wait("delete", f"pod/{name}", "-n", namespace)
    kubectl("rollout", "status", "deployment/echo", "-n", namespace)


def test_an_autoscaler_acts_on_the_processor_time_that_pods_use(
    kubectl: Kubectl, namespace: str, images: dict[str, str], info: Info
) -> None:
    if not info.features.metrics:
        pytest.skip(f"the cluster by {info.provider} has no metrics")
    resources = {"requests": {"cpu": "50m"}, "limits": {"cpu": "100m"}}
    spec = pod_spec(images["services"], "while True: pass", resources=resources)
    kubectl.apply(workload("Deployment", namespace, "busy", spec))
    kubectl("autoscale", "deployment/busy", "--cpu=50%", "--min=1", "--max=2", "-n", namespace)

    def scaled() -> bool | None:
        found = kubectl.json("get", "deployment/busy", "-n", namespace)
        return True if found["spec"]["replicas"] == 2 else None

    eventually(scaled, "a second replica")
    assert "busy-" in kubectl("top", "pods", "-n", namespace)


def test_the_audit_log_tells_who_asked_for_what(kubectl: Kubectl, namespace: str, info: Info) -> None:
    if info.audit_log is None:
        pytest.skip(f"the cluster by {info.provider} shows no audit log")
    log = Path(info.audit_log)
    kubectl("create", "configmap", "noticed", "-n", namespace)

    def noticed() -> dict[str, str] | None:
        for line in log.read_text().splitlines():
            event = json.loads(line)
            reference = event.get("objectRef", {})
            if (reference.get("namespace"), reference.get("name")) == (namespace, "noticed"):
                return {"verb": event["verb"], "resource": reference["resource"], "user": event["user"]["username"]}
        return None

    found = eventually(noticed, "the request in the log")
    assert (found["verb"], found["resource"]) == ("create", "configmaps")


@pytest.fixture
def fake_node(kubectl: Kubectl, info: Info) -> Iterator[str]:
    """A node that does not exist, and whose kubelet is played."""
    if not info.features.fake_nodes:
        pytest.skip(f"the cluster by {info.provider} has no fake nodes")
    kubectl.apply(fake_node_manifest("fake-0"))
    try:
        kubectl.wait("condition=Ready", "node/fake-0")
        yield "fake-0"
    finally:
        kubectl("delete", "node/fake-0")


def test_a_node_that_does_not_exist_carries_pods_for_tests_of_scale(
    kubectl: Kubectl, namespace: str, images: dict[str, str], fake_node: str
) -> None:
    spec = pod_spec(images["services"], ECHO) | {"nodeName": fake_node}
    kubectl.apply(workload("Deployment", namespace, "many", spec, replicas=50))
    kubectl("rollout", "status", "deployment/many", "-n", namespace)
    kubectl("delete", "deployment/many", "-n", namespace)
    kubectl.wait("delete", "pods", "--all", "-n", namespace)


def test_pods_of_a_node_that_does_not_exist_stay_ready_however_long_a_test_takes(
    kubectl: Kubectl, namespace: str, images: dict[str, str], fake_node: str
) -> None:
    kubectl.apply(
        workload("Deployment", namespace, "one", pod_spec(images["services"], ECHO) | {"nodeName": fake_node})
    )
    kubectl("rollout", "status", "deployment/one", "-n", namespace)

    def renewed() -> str | None:
        found = kubectl.attempt(
            "get", f"lease/{fake_node}", "-n", "kube-node-lease", "-o", "jsonpath={.spec.renewTime}"
        )
        return found.stdout or None

    first = eventually(renewed, "the node's lease")
    eventually(lambda: renewed() if renewed() != first else None, "the lease renewed")

    # What the node controller does to the pods of a node that it has not heard of in time.
    name = kubectl.json("get", "pods", "-n", namespace)["items"][0]["metadata"]["name"]
    lost = json.dumps({"status": {"conditions": [{"type": "Ready", "status": "False"}]}})
    kubectl("patch", f"pod/{name}", "-n", namespace, "--subresource=status", "-p", lost)
    kubectl("rollout", "status", "deployment/one", "-n", namespace)
    kubectl.wait("condition=Ready", f"pod/{name}", "-n", namespace)

"""The commands of the operator on a real API server, which they only read."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.tests.operator.chat_clusters import ROLES, Manifest, chat_cluster, tokens
from tests.patience import STILL_S

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("crd")]

IMAGE = "example.com/services:1"
TOKEN_KEY = "signs-all-tokens-of-this-test-" + "k" * 20
PASSWORD = "written-into-a-spec-by-mistake"  # noqa: S105 - of this test
HOLD = "example.com/hold"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(info: Info, tmp_path: Path) -> Run:
    """Runs a command on the cluster of the test."""
    environment = {**os.environ, "KUBECONFIG": info.kubeconfig}

    def run(*arguments: str, kubeconfig: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "parley_operator.cli", *arguments],
            cwd=tmp_path,
            env=environment | ({"KUBECONFIG": kubeconfig} if kubeconfig else {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=STILL_S,
        )

    return run


def wanted(namespace: str, **spec: Any) -> Manifest:
    """A ChatCluster whose pods find no node, and which no operator acts on."""
    nowhere = {"scheduling": {"nodeSelector": {"parley.chat/nowhere": "true"}}}
    components = {role: deepcopy(nowhere) for role in ROLES}
    for role, more in spec.pop("components", {}).items():
        components[role] |= more
    return chat_cluster(namespace, paused=True, components=components, **spec)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Manifest], str]:
    """Writes a ChatCluster into a file."""

    def write(body: Manifest) -> str:
        path = tmp_path / "chatcluster.yaml"
        path.write_text(yaml.safe_dump(body))
        return str(path)

    return write


def apply_rendered(command: Run, kubectl: Kubectl, path: str) -> None:
    """Apply the objects as the operator would."""
    done = command("render", "--image", IMAGE, path)
    assert done.returncode == 0, done.stderr
    kubectl("apply", "--server-side", "--field-manager=parley", "-f", "-", text=done.stdout)


def test_kubectl_runs_the_commands_as_its_plugin(kubectl: Kubectl, info: Info, tmp_path: Path) -> None:
    assert kubectl
    plugin = tmp_path / "kubectl-parley"
    plugin.write_text(f'#!/bin/sh\nexec {sys.executable} -m parley_operator.cli "$@"\n')
    plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    call = [info.programs["kubectl"], "parley", "version"]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False, timeout=STILL_S)
    assert (done.returncode, done.stdout.count(".")) == (0, 2), done.stderr


def test_diff_tells_by_its_exit_code_whether_something_would_change(
    command: Run, kubectl: Kubectl, namespace: str, file: Callable[[Manifest], str]
) -> None:
    hpa = {"fanout": {"autoscaling": {"mode": "hpa", "maxReplicas": 3}}}
    path = file(wanted(namespace, components=hpa))

    def diff() -> tuple[int, str]:
        done = command("diff", "--image", IMAGE, path)
        return done.returncode, done.stdout + done.stderr

    code, text = diff()
    assert code == 1, text
    assert "ConfigMap chat-settings would be made" in text
    made = kubectl.json("get", "configmaps,deployments", "-n", namespace, "-l", "app.kubernetes.io/instance=chat")
    assert made["items"] == [], "diff makes nothing"
    apply_rendered(command, kubectl, path)
    code, text = diff()
    assert (code, text.splitlines()[-1]) == (0, "nothing would change"), text

    file(wanted(namespace, limits={"textBytes": 1000}, components={"chat": {"replicas": 2}}))
    code, text = diff()
    assert code == 1, text
    assert "-  PARLEY_TEXT_BYTES: '16384'\n+  PARLEY_TEXT_BYTES: '1000'\n" in text
    assert "-  replicas: 1\n+  replicas: 2\n" in text
    assert "HorizontalPodAutoscaler chat-fanout would be removed" in text


def test_diff_asks_the_api_server_whether_the_change_is_allowed(
    command: Run, kubectl: Kubectl, namespace: str, file: Callable[[Manifest], str]
) -> None:
    kubectl.apply(wanted(namespace))
    other = wanted(namespace)
    other["spec"]["kafka"]["topics"] = {"prefix": "other."}
    done = command("diff", "--image", IMAGE, file(other))
    assert (done.returncode, done.stdout) == (2, "")
    assert "spec.kafka.topics.prefix: Forbidden: prefix may not change" in done.stderr
    done = command("diff", file(wanted("nobody-made-this")))
    assert done.returncode == 2
    assert "`kubectl create namespace nobody-made-this` makes it" in done.stderr


def with_password(namespace: str) -> Manifest:
    variables = [{"name": "MY_PASSWORD", "value": PASSWORD}]
    return wanted(namespace, components={"presence": {"env": variables}})


def unpacked(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as zipped:
        return {name: zipped.read(name).decode() for name in zipped.namelist()}


def test_a_report_has_the_objects_and_no_secret(
    command: Run, kubectl: Kubectl, namespace: str, file: Callable[[Manifest], str], tmp_path: Path
) -> None:
    kubectl.apply(tokens(namespace, TOKEN_KEY))
    path = file(with_password(namespace))
    kubectl("apply", "-f", path)  # with the copy of the spec that kubectl leaves
    apply_rendered(command, kubectl, path)
    for role in ROLES:
        kubectl.wait("create", "pod", "-l", f"app.kubernetes.io/component={role}", "-n", namespace)

    done = command("report", "-n", namespace, "chat", "--output", "chat.zip")
    assert done.returncode == 0, done.stderr
    files = unpacked(tmp_path / "chat.zip")
    expected = {"chatcluster.yaml", "status.txt", "events.txt", "versions.yaml", "left-out.txt"}
    assert expected | {"objects/StatefulSet-chat-gateway.yaml", "objects/ConfigMap-chat-settings.yaml"} <= set(files)
    assert sum(name.endswith("/pod.yaml") for name in files if name.startswith("pods/")) >= len(ROLES)
    for name, text in files.items():
        assert TOKEN_KEY not in text, name
        assert PASSWORD not in text, name
    annotations = yaml.safe_load(files["chatcluster.yaml"])["metadata"].get("annotations", {})
    assert "kubectl.kubernetes.io/last-applied-configuration" not in annotations
    assert "env[MY_PASSWORD] is hidden" in files["left-out.txt"]
    assert "presence.log: " in files["left-out.txt"], "pods that wait have no log, and that is said"


def kubeconfig_of(kubectl: Kubectl, info: Info, namespace: str, folder: Path, rules: list[Manifest]) -> str:
    """A kubeconfig for somebody who may do little."""
    metadata = {"name": "reader", "namespace": namespace}
    rbac = "rbac.authorization.k8s.io"
    kubectl.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
        {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", **metadata}],
        },
    )
    config = yaml.safe_load(Path(info.kubeconfig).read_text())
    token = kubectl("create", "token", "reader", "-n", namespace).strip()
    config["users"] = [{"name": "reader", "user": {"token": token}}]
    for context in config["contexts"]:
        context["context"] |= {"user": "reader", "namespace": namespace}
    path = folder / "reader.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_whoever_may_read_little_gets_a_report_that_says_what_is_missing(
    command: Run, kubectl: Kubectl, info: Info, namespace: str, file: Callable[[Manifest], str], tmp_path: Path
) -> None:
    kubectl.apply(wanted(namespace))
    rules = [{"apiGroups": ["parley.chat"], "resources": ["chatclusters"], "verbs": ["get", "list"]}]
    kubeconfig = kubeconfig_of(kubectl, info, namespace, tmp_path, rules)

    done = command("report", "chat", "--output", "chat.zip", kubeconfig=kubeconfig)
    assert done.returncode == 0, done.stderr
    told = unpacked(tmp_path / "chat.zip")["left-out.txt"]
    assert f"pods in {namespace}: pods is forbidden" in told
    assert "secrets" not in told.replace("Secrets are never read", "")
    assert command("status", kubeconfig=kubeconfig).stdout.startswith(f"ChatCluster {namespace}/chat")
    assert "not allowed: " in command("status", "-A", kubeconfig=kubeconfig).stderr
    done = command("diff", file(wanted(namespace)), kubeconfig=kubeconfig)
    assert (done.returncode, done.stdout) == (2, "")
    assert "ask the owner of the cluster for this permission" in done.stderr


def hand_written(available: str) -> Manifest:
    about = {"observedGeneration": 1, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    return {
        "phase": "Degraded",
        "gateways": "1/2",
        "connections": 41,
        "lag": 7,
        "conditions": [
            {"type": "Available", "status": available, "reason": "NoPods", "message": "by hand", **about},
            {"type": "RedisReady", "status": "False", "reason": "Unreachable", "message": "redis is away", **about},
        ],
        "components": [{"name": "gateway", "desired": 2, "ready": 1, "updated": 1, "connections": 41}],
        "topics": {"target": "parley.*", "planned": [], "refused": ["partitions may not change (12 to 6)"]},
    }


@pytest.fixture
def held(kubectl: Kubectl, namespace: str) -> Iterator[Callable[[Manifest], None]]:
    """A ChatCluster that waits for its end, so that no operator writes its status; sets its status by hand."""
    body = wanted(namespace)
    body["metadata"]["finalizers"] = [HOLD]
    kubectl.apply(body)
    kubectl("delete", "chatcluster", "chat", "-n", namespace, "--wait=false")

    def patch(change: Manifest, *arguments: str) -> None:
        kubectl("patch", "chatcluster", "chat", "-n", namespace, "--type=merge", "-p", json.dumps(change), *arguments)

    yield lambda status: patch({"status": status}, "--subresource=status")
    patch({"metadata": {"finalizers": None}})


def test_status_shows_where_it_stands_and_ends_with_0_only_if_people_can_chat(
    command: Run, namespace: str, held: Callable[[Manifest], None]
) -> None:
    held(hand_written("False"))
    done = command("status", "-n", namespace, "chat")
    assert done.returncode == 1, done.stderr
    for line in (
        "gateway    1/2    1        41           -    -",
        "    redis is away",
        "    What to do: Check its address in the spec, its health, and the network.",
        "  ! refused: partitions may not change (12 to 6)",
    ):
        assert line in done.stdout.splitlines(), done.stdout
    held(hand_written("True"))
    assert command("status", "-n", namespace).returncode == 0
    done = command("status", "-n", namespace, "nobody")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_top_shows_the_same_once_or_until_it_is_interrupted(
    command: Run, info: Info, namespace: str, held: Callable[[Manifest], None], tmp_path: Path
) -> None:
    held(hand_written("True"))
    done = command("top", "-n", namespace, "--once")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[1][:6] == [f"{namespace}/chat", "all", "1/2", "1", "41", "7"]
    assert rows[2][:5] == ["gateway", "1/2", "1", "41", "-"]

    output = tmp_path / "top.txt"
    call = [sys.executable, "-m", "parley_operator.cli", "top", "-n", namespace, "--interval", "0.2"]
    with output.open("wb") as written:
        top = subprocess.Popen(call, stdout=written, env={**os.environ, "KUBECONFIG": info.kubeconfig})
    deadline = time.monotonic() + 30
    while output.read_text().count("CLUSTER") < 3:
        assert time.monotonic() < deadline, output.read_text()
        assert top.poll() is None, output.read_text()
        time.sleep(0.1)
    top.send_signal(signal.SIGINT)
    assert top.wait(10) == 0
    assert "\x1b" not in output.read_text(), "a file gets no codes of terminals"

"""What is in a support report, what is not, and that it says so."""

import asyncio
import datetime as dt
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from test_cli_chat_clusters import ClusterInMemory, Manifest, chat_cluster
from typing_extensions import override

from parley_operator.cli.failures import CommandError
from parley_operator.cli.show.events_shown import events_text, is_about
from parley_operator.cli.support.bundle import Bundle
from parley_operator.cli.support.support_report import SupportReport, containers_of, default_name
from parley_operator.kube.errors import KubeError

NOW = dt.datetime(2026, 11, 28, 12, 0, tzinfo=dt.UTC)
LABELS = {"app.kubernetes.io/name": "parley", "app.kubernetes.io/instance": "chat"}
VALUE = "nobody-may-read-this"


def thing(kind: str, name: str, labels: Any = None, namespace: str = "talk", **more: Any) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{name}", "labels": labels or LABELS}
    return {"kind": kind, "metadata": metadata, **more}


def pod(name: str = "chat-gateway-0", labels: Any = None, namespace: str = "talk", restarts: int = 0) -> Manifest:
    environment = [{"name": "MY_PASSWORD", "value": VALUE}]
    return thing(
        "Pod",
        name,
        labels,
        namespace,
        spec={"containers": [{"name": "gateway", "env": environment}], "initContainers": [{"name": "before"}]},
        status={"containerStatuses": [{"name": "gateway", "restartCount": restarts}]},
    )


def event(name: str, last: str, reason: str = "Created") -> Manifest:
    about = {"kind": "Pod", "name": name, "uid": f"uid-{name}"}
    metadata = {"name": f"{name}.{last}", "namespace": "talk"}
    return {
        "kind": "Event",
        "metadata": metadata,
        "involvedObject": about,
        "reason": reason,
        "lastTimestamp": last,
        "message": f"{reason} {name}",
    }


def full(forbidden: Collection[str] = ()) -> ClusterInMemory:
    operator = {"app.kubernetes.io/name": "parley-operator"}
    cluster = ClusterInMemory(
        [
            chat_cluster(),
            thing("ConfigMap", "chat-settings", data={"PARLEY_PORT": "8080"}),
            thing("Secret", "tokens", data={"jwt": VALUE}),
            pod(restarts=2),
            pod("parley-operator-0", operator, "parley-system"),
            thing("Deployment", "parley-operator", operator, "parley-system"),
            event("chat", "2026-11-28T11:00:00Z"),
            event("other", "2026-11-28T10:00:00Z"),
        ],
        forbidden,
    )
    cluster.logs = {
        ("chat-gateway-0", "gateway", False): "runs",
        ("chat-gateway-0", "gateway", True): "redis://ann:abc@redis:6379 is away",
        ("parley-operator-0", "gateway", False): "leads",
    }
    return cluster


def collected(cluster: ClusterInMemory, folder: Path, name: str = "chat") -> dict[str, str]:
    target = folder / "report.zip"
    with Bundle(target) as bundle:
        asyncio.run(SupportReport(cluster, bundle, "parley-system").collect("talk", name, NOW))
    with zipfile.ZipFile(target) as file:
        return {each: file.read(each).decode() for each in file.namelist()}


def test_a_report_has_everything_that_helps(tmp_path: Path) -> None:
    files = collected(full(), tmp_path)
    assert set(files) == {
        "chatcluster.yaml",
        "status.txt",
        "objects/ConfigMap-chat-settings.yaml",
        "events.txt",
        "events.yaml",
        "pods/chat-gateway-0/pod.yaml",
        "pods/chat-gateway-0/gateway.log",
        "pods/chat-gateway-0/gateway.previous.log",
        "operator/Deployment-parley-operator.yaml",
        "operator/parley-operator-0/pod.yaml",
        "operator/parley-operator-0/gateway.log",
        "versions.yaml",
        "left-out.txt",
    }
    assert files["pods/chat-gateway-0/gateway.log"] == "runs"
    assert "v1.36.0" in files["versions.yaml"]


def test_secrets_are_not_even_asked_for_and_no_value_gets_in(tmp_path: Path) -> None:
    cluster = full()
    files = collected(cluster, tmp_path)
    assert "Secret" not in cluster.asked
    assert not any(VALUE in text or "ann:abc" in text for text in files.values())


def test_what_was_left_out_is_told_with_its_place(tmp_path: Path) -> None:
    told = collected(full(), tmp_path)["left-out.txt"]
    for line in (
        "pods/chat-gateway-0/pod.yaml: spec.containers[gateway].env[MY_PASSWORD] is hidden",
        "pods/chat-gateway-0/before.log: container before is waiting to start",
        "pods/chat-gateway-0/gateway.previous.log: users in URLs or tokens are hidden",
    ):
        assert line in told.splitlines()


@pytest.mark.parametrize("kind", ["Pod", "Event", "ConfigMap", "Deployment", "ChatCluster", "HorizontalPodAutoscaler"])
def test_a_missing_permission_is_told_and_the_rest_collected(kind: str, tmp_path: Path) -> None:
    files = collected(full({kind}), tmp_path)
    assert "is forbidden" in files["left-out.txt"]
    assert len(files) > 5


def test_an_empty_log_is_told_in_place_of_an_empty_file(tmp_path: Path) -> None:
    cluster = full()
    cluster.logs["chat-gateway-0", "gateway", False] = ""
    files = collected(cluster, tmp_path)
    assert "pods/chat-gateway-0/gateway.log" not in files
    assert "pods/chat-gateway-0/gateway.log: it is empty" in files["left-out.txt"].splitlines()


def test_events_are_about_the_chat_cluster_only(tmp_path: Path) -> None:
    files = collected(full(), tmp_path)
    assert "Created chat" in files["events.txt"]
    assert "other" not in files["events.txt"]


@pytest.mark.parametrize(
    ("name", "about"), [("chat", True), ("chat-gateway-7", True), ("chat-gateway", True), ("chat-b-gateway-0", False)]
)
def test_an_event_about_a_pod_that_is_gone_counts(name: str, *, about: bool) -> None:
    assert is_about(event(name, ""), "chat", {"uid-of-another"}) is about


def test_events_stand_in_the_order_in_which_they_happened() -> None:
    lines = events_text([event("b", "2026-11-28T11:00:00Z"), event("a", "2026-11-28T10:00:00Z")]).splitlines()
    assert [line.split()[-1] for line in lines] == ["MESSAGE", "a", "b"]


def test_nothing_of_that_name_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no ChatCluster nobody in namespace talk, and no object of it"):
        collected(full(), tmp_path, "nobody")
    assert list(tmp_path.iterdir()) == []


def test_objects_that_a_deleted_chat_cluster_left_are_collected(tmp_path: Path) -> None:
    cluster = full()
    del cluster.objects["ChatCluster", "chat"]
    files = collected(cluster, tmp_path)
    assert "objects/ConfigMap-chat-settings.yaml" in files
    assert "ChatCluster chat: it is not there" in files["left-out.txt"].splitlines()


def test_a_cluster_that_goes_away_leaves_no_half_file(tmp_path: Path) -> None:
    class Gone(ClusterInMemory):
        @override
        async def server_version(self) -> Manifest:
            raise KubeError(0, "GET", "no answer")

    gone = Gone(full().objects.values())
    with pytest.raises(KubeError):
        collected(gone, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_can_read_a_report(tmp_path: Path) -> None:
    with Bundle(tmp_path / "report.zip"):
        pass
    assert (tmp_path / "report.zip").stat().st_mode & 0o077 == 0


def test_containers_are_known_with_their_restarts() -> None:
    assert containers_of(pod(restarts=3)) == {"before": 0, "gateway": 3}
    assert containers_of({}) == {}


def test_a_report_is_named_after_what_it_is_about() -> None:
    assert default_name("talk", "chat", NOW) == "parley-report-talk-chat-20261128T120000Z.zip"

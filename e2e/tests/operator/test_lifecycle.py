"""The status is honest, nothing gets stuck, and the operator may do what it needs and nothing else."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.tests.operator.chat_clusters import (
    BACKENDS,
    LOOK_S,
    Watched,
    chat_cluster,
    on_fake_nodes,
    real_spec,
    tokens,
)
from e2e.tests.operator.conftest import Start
from parley_operator.cli.install.installation import NAME
from parley_operator.kube.permissions import GRANTS
from parley_operator.kube.resources import CHAT_CLUSTERS, PODS
from tests.patience import STILL_S

pytestmark = pytest.mark.cluster
RESYNCS = 5


@pytest.fixture
def paper(kubectl: Kubectl, deployed: str, fake_node: str) -> Iterator[Watched]:
    """A ChatCluster with real servers, whose pods only pretend."""
    assert deployed
    assert fake_node
    kubectl.apply(tokens(BACKENDS))
    watched = Watched(kubectl, BACKENDS, "paper")
    kubectl.apply(chat_cluster(BACKENDS, "paper", components=on_fake_nodes(), **real_spec("paper")))
    watched.until_condition("KafkaReady")
    yield watched
    kubectl("delete", "chatcluster", "paper", "-n", BACKENDS, "--wait=true", "--ignore-not-found")


@pytest.mark.servers
def test_fewer_partitions_stay_refused_and_a_wrong_address_shows_and_clears(paper: Watched) -> None:
    assert paper.get()["status"]["topics"]["refused"] == []
    paper.patch({"kafka": {"topics": {"partitions": 2}}})
    first = paper.until_condition("KafkaReady", "False", "Refused")
    assert "fixed for the life of a log" in first["message"]
    assert "spec.kafka.topics.partitions" in first["message"], "it names the field of the spec"
    for round_ in range(RESYNCS):
        paper.kubectl("annotate", "chatcluster", "paper", "-n", BACKENDS, f"test/round={round_}", "--overwrite")
        paper.patch({"limits": {"groupMembers": 100 + round_}})
        again = paper.until_condition("KafkaReady", "False", "Refused")
        assert (again["message"], again["lastTransitionTime"]) == (first["message"], first["lastTransitionTime"])
    assert paper.condition("Degraded")["status"] == "True"
    assert paper.events("ChangeRefused")
    paper.patch({"kafka": {"topics": {"partitions": None}}})
    paper.until_condition("KafkaReady")
    right = paper.get()["spec"]["cql"]["contactPoints"]
    paper.patch({"cql": {"contactPoints": ["nowhere.invalid"]}})
    wrong = paper.until_condition("SchemaReady", "False", "Unreachable", 60)
    assert "nowhere.invalid" in wrong["message"]
    paper.patch({"cql": {"contactPoints": right}})
    paper.until_condition("SchemaReady")


@pytest.mark.servers
def test_a_deletion_that_asks_for_it_removes_topics_and_keyspace(paper: Watched, kubectl: Kubectl) -> None:
    paper.until_condition("SchemaReady")
    paper.patch({"deletionPolicy": "Delete", "deletionTimeoutSeconds": 100})
    paper.until("it is held", lambda: paper.get()["metadata"].get("finalizers"))
    kubectl("delete", "chatcluster", "paper", "-n", BACKENDS, timeout_s=STILL_S)
    assert paper.events("Deleted")
    assert not paper.events("Orphaned")


@pytest.mark.servers
def test_an_operator_started_during_a_deletion_removes_topics_and_keyspace(
    paper: Watched, deployed: str, kubectl: Kubectl
) -> None:
    paper.until_condition("SchemaReady")
    told = len(paper.events("Deleted"))
    paper.patch({"deletionPolicy": "Delete", "deletionTimeoutSeconds": 100})
    paper.until("it is held", lambda: paper.get()["metadata"].get("finalizers"))
    operator = (f"deployment/{NAME}", "-n", deployed)
    kubectl("scale", *operator, "--replicas=0")
    try:
        kubectl.wait("delete", "pods", "-l", f"app.kubernetes.io/name={NAME}", "-n", deployed)
        kubectl("delete", "chatcluster", "paper", "-n", BACKENDS, "--wait=false")
    finally:
        kubectl("scale", *operator, "--replicas=2")
    # Nobody has read the Secrets with the passwords before the deletion began.
    kubectl.wait("delete", "chatcluster/paper", "-n", BACKENDS)
    assert not paper.events("Orphaned")
    assert len(paper.events("Deleted")) > told


def test_a_deletion_whose_servers_are_gone_ends_all_the_same(watched: Watched, start: Start, kubectl: Kubectl) -> None:
    start(external_deadline_s=2).until_leading()
    watched.apply(deletionPolicy="Delete", deletionTimeoutSeconds=10, components=_nowhere())
    watched.until("it is held", lambda: watched.get()["metadata"].get("finalizers"))
    kubectl("delete", "chatcluster", "chat", "-n", watched.namespace, timeout_s=STILL_S)
    assert watched.events("Orphaned"), "it is said what may remain"


def test_a_namespace_goes_when_the_operator_is_gone(watched: Watched, start: Start, kubectl: Kubectl) -> None:
    operator = start().until_leading()
    watched.apply(components=_nowhere())
    watched.until_condition("SpecValid")
    operator.kill()
    kubectl("delete", "namespace", watched.namespace, timeout_s=STILL_S)
    kubectl("create", "namespace", watched.namespace)  # for the fixture that deletes it


def test_a_namespaced_operator_reads_nothing_elsewhere(place: str, kubectl: Kubectl) -> None:
    me = f"--as=system:serviceaccount:{place}:{NAME}"
    allowed = ("auth", "can-i", "get", "secrets", "-n", place, me)
    assert kubectl.attempt(*allowed).stdout.strip() == "yes"
    for verb, what in (("get", "secrets"), ("list", "pods"), ("patch", "deployments"), ("get", "chatclusters")):
        done = kubectl.attempt("auth", "can-i", verb, what, "-n", "kube-system", me)
        assert done.stdout.strip() == "no", f"{verb} {what}"
    assert kubectl.attempt("auth", "can-i", "list", "secrets", "-n", place, me).stdout.strip() == "no"


def test_a_bad_spec_is_said_and_what_runs_goes_on(watched: Watched, start: Start, fake_node: str) -> None:
    assert fake_node
    start().until_leading()
    watched.apply(components=on_fake_nodes(), auth={"jwtSecret": {"name": "missing", "key": "jwt"}})
    missing = watched.until_condition("SpecValid", "False", "SecretMissing")
    assert "Secret missing is not there" in missing["message"]
    watched.kubectl.apply(tokens(watched.namespace) | {"metadata": {"name": "missing", "namespace": watched.namespace}})
    watched.until_condition("SpecValid", patience_s=60)


def test_what_is_paused_stays_as_it_is(watched: Watched, start: Start, fake_node: str) -> None:
    assert fake_node
    start().until_leading()
    watched.apply(components=on_fake_nodes())
    watched.until_condition("Available")
    watched.patch({"paused": True, "limits": {"groupMembers": 33}})
    watched.until_condition("Paused")
    assert watched.child("configmap", "settings")["data"]["PARLEY_GROUP_MEMBERS"] == "500"
    watched.patch({"paused": False})
    watched.until(
        "it goes on", lambda: watched.child("configmap", "settings")["data"]["PARLEY_GROUP_MEMBERS"] == "33", 30
    )


def _nowhere() -> dict[str, dict[str, object]]:
    return {"gateway": {"scheduling": {"nodeSelector": {"parley.test/nowhere": "yes"}}}}


def test_the_operator_is_granted_what_it_calls_and_nothing_else(info: Info, watched: Watched, start: Start) -> None:
    """Runs last of this file: the audit log has every call of all tests before."""
    if info.audit_log is None:
        pytest.skip(f"the provider {info.provider} keeps no audit log")
    start().until_leading()
    scaled = {"gateway": _nowhere()["gateway"] | {"autoscaling": {"mode": "hpa", "maxReplicas": 2}}}
    watched.apply(components=scaled, exposure={"ingress": {"host": "chat.example.com"}})
    watched.until_condition("SpecValid")
    granted = {
        (f"{kind.plural}/{part}" if part else kind.plural, verb)
        for kind, part, verbs in GRANTS
        if not kind.optional and part != "finalizers"
        for verb in verbs
    }
    deadline = time.monotonic() + STILL_S
    while True:
        used, refused = _calls(Path(info.audit_log), watched.namespace)
        assert not refused, sorted(refused)
        unused = {(name, verb) for name, verb in granted - used if verb not in {"get", "create", "delete"}}
        # The first renewal of the Lease comes a moment after it was taken.
        if not unused or time.monotonic() > deadline:
            break
        time.sleep(LOOK_S)
    assert not unused, sorted(unused)
    assert (PODS.plural, "list") in used
    assert (CHAT_CLUSTERS.plural + "/status", "patch") in used


def _calls(audit_log: Path, namespace: str) -> tuple[set[tuple[str, str]], set[str]]:
    """What operators called, as kind and verb, and what was refused to the one of this namespace."""
    used: set[tuple[str, str]] = set()
    refused: set[str] = set()
    for line in audit_log.read_text().splitlines():
        entry = json.loads(line)
        about = entry.get("objectRef") or {}
        if f":{NAME}" not in entry["user"].get("username", "") or "resource" not in about:
            continue
        name = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
        used.add((name, entry["verb"]))
        # Elsewhere tests take rights away, and restart an API server that knows no Roles in its first moments.
        mine = f":{namespace}:" in entry["user"]["username"]
        if mine and entry.get("responseStatus", {}).get("code") == 403 and "terminated" not in json.dumps(entry):
            refused.add(f"{entry['verb']} {name}")
    return used, refused

"""One active operator: another takes over, and never two write; tokens and API servers may change."""

import json
import subprocess
from pathlib import Path

import pytest

from e2e.cluster.host.host_provider import HostProvider
from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info, Provider
from e2e.tests.operator.chat_clusters import ROLES, Watched
from e2e.tests.operator.conftest import Start
from parley_operator.cli.install.installation import NAME

pytestmark = pytest.mark.cluster
WRITING = {"create", "update", "patch", "delete"}
NOWHERE = {role: {"scheduling": {"nodeSelector": {"parley.test/nowhere": "yes"}}} for role in ROLES}


def writes(info: Info, namespace: str) -> list[tuple[str, str]]:
    """Times and authors of what operators wrote in a namespace, but for Leases, in the order of the audit log."""
    assert info.audit_log is not None
    found = []
    for line in Path(info.audit_log).read_text().splitlines():
        entry = json.loads(line)
        about = entry.get("objectRef", {})
        if (
            about.get("namespace") == namespace
            and entry["userAgent"].startswith("parley-operator/")
            and entry["verb"] in WRITING
            and about["resource"] != "leases"
            and entry["stage"] == "ResponseComplete"
        ):
            found.append((entry["requestReceivedTimestamp"], entry["userAgent"].rpartition("/")[2]))
    return sorted(found)


def holder(kubectl: Kubectl, namespace: str) -> str:
    """Who has the Lease."""
    lease = kubectl.json("get", "lease", "parley-operator", "-n", namespace)
    return str(lease["spec"]["holderIdentity"])


def test_a_killed_leader_is_replaced_and_never_two_write(
    watched: Watched, start: Start, kubectl: Kubectl, info: Info
) -> None:
    if info.audit_log is None:
        pytest.skip(f"the provider {info.provider} keeps no audit log")
    first = start("first").until_leading()
    second = start("second")
    watched.apply(components=NOWHERE)
    watched.until_condition("SpecValid")
    first.kill()
    watched.kubectl("delete", "service", "chat-chat", "-n", watched.namespace)
    watched.until("another leads", lambda: holder(kubectl, watched.namespace) == second.identity)
    watched.until("the new one works", lambda: second.until_leading() and watched.child("service", "chat"))
    second.stop()
    authors = [author for _, author in writes(info, watched.namespace)]
    turns = [author for number, author in enumerate(authors) if number == 0 or authors[number - 1] != author]
    assert turns == [first.identity, second.identity], turns


def test_a_leader_that_is_told_to_stop_gives_the_lease_back(watched: Watched, start: Start, kubectl: Kubectl) -> None:
    first = start("first").until_leading()
    second = start("second")
    assert first.stop() == 0
    second.until_leading()
    assert holder(kubectl, watched.namespace) == second.identity
    assert second.logged("leading"), "it says so in its log"


def test_a_rotated_token_is_read_again(watched: Watched, start: Start, kubectl: Kubectl) -> None:
    operator = start().until_leading()

    def bound(name: str) -> str:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": watched.namespace}}
        kubectl.apply(secret)
        binding = ("--bound-object-kind=Secret", f"--bound-object-name={name}")
        return kubectl("create", "token", NAME, "-n", watched.namespace, *binding).strip()

    operator.stop()
    operator.write_token(bound("first-token"))
    operator.start().until_leading()
    operator.write_token(bound("second-token"))
    kubectl("delete", "secret", "first-token", "-n", watched.namespace)
    watched.apply(components=NOWHERE)
    watched.until_condition("SpecValid")
    assert operator.running


def test_a_restart_of_the_api_server_is_lived_through(
    watched: Watched, start: Start, provider: Provider, kubectl: Kubectl
) -> None:
    if not isinstance(provider, HostProvider):
        pytest.skip("only a node of this host has an API server that the test may end")
    operator = start().until_leading()
    watched.apply(components=NOWHERE)
    watched.until_condition("SpecValid")
    subprocess.run([*provider.enter(), "pkill", "-KILL", "kube-apiserver"], check=True)
    watched.until("the API server is back", lambda: kubectl("get", "--raw", "/readyz"), 60)
    kubectl("delete", "service", "chat-chat", "-n", watched.namespace)
    watched.until("the operator still works", lambda: watched.child("service", "chat"), 90)
    if not operator.running:
        # It could not renew its Lease in time, and stopped as it must; Kubernetes starts it again.
        operator.start().until_leading()
    watched.patch({"limits": {"groupMembers": 9}})
    watched.until(
        "the change arrives",
        lambda: watched.child("configmap", "settings")["data"]["PARLEY_GROUP_MEMBERS"] == "9",
        60,
    )

"""Whatever others do to the operator's objects is put back, and said; the user's own object stays as it is."""

import json
from collections.abc import Iterator
from functools import partial

import pytest

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.provider import Info
from e2e.tests.operator.chat_clusters import Watched, on_fake_nodes
from e2e.tests.operator.conftest import granted_place
from e2e.tests.operator.local_operator import LocalOperator

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def chat(
    crd: str, kubectl: Kubectl, info: Info, fake_node: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A ChatCluster whose pods pretend to run, and its operator: what a test does to it is put back by the end."""
    assert crd
    assert fake_node
    with granted_place(kubectl) as place:
        operator = LocalOperator(kubectl, info, place, tmp_path_factory.mktemp("operator")).start()
        try:
            operator.until_leading()
            watched = Watched(kubectl, place)
            watched.apply(components=on_fake_nodes())
            watched.until_condition("Available")
            yield watched
        finally:
            operator.stop()


CHANGES = (
    ("configmap", "settings", {"data": {"PARLEY_GROUP_MEMBERS": "7"}}),
    ("service", "chat", {"spec": {"selector": {"app.kubernetes.io/component": "nobody"}}}),
    ("deployment", "chat", {"spec": {"minReadySeconds": 77}}),
    ("statefulset", "gateway", {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 11}}}}),
    ("poddisruptionbudget", "fanout", {"spec": {"maxUnavailable": 9}}),
    ("networkpolicy", "gateway", {"spec": {"policyTypes": ["Ingress"]}}),
    ("serviceaccount", "services", {"metadata": {"labels": {"app.kubernetes.io/name": "other"}}}),
)


def test_each_kind_of_change_is_put_back_and_its_author_named(chat: Watched) -> None:
    before = {kind: chat.child(kind, suffix) for kind, suffix, _ in CHANGES}
    for kind, suffix, change in CHANGES:
        arguments = ("-n", chat.namespace, "--type=merge", "--field-manager=meddler", "-p", json.dumps(change))
        chat.kubectl("patch", kind, f"chat-{suffix}", *arguments)
    for kind, suffix, _ in CHANGES:
        chat.until(f"{kind} is put back", partial(_same, chat, kind, suffix, _content(before[kind])), 30)
    messages = chat.until("an event for each", lambda: _all(chat.events("DriftRepaired"), len(CHANGES)), 30)
    assert all("meddler" in message for message in messages), messages


def test_each_kind_of_deleted_object_is_made_again(chat: Watched) -> None:
    uids = {kind: chat.child(kind, suffix)["metadata"]["uid"] for kind, suffix, _ in CHANGES}
    for kind, suffix, _ in CHANGES:
        chat.kubectl("delete", kind, f"chat-{suffix}", "-n", chat.namespace, "--wait=false")
    for kind, suffix, _ in CHANGES:
        chat.until(f"{kind} is there again", partial(_another, chat, kind, suffix, uids[kind]), 60)
    chat.until("it is said", lambda: _all(chat.events("DeletionRepaired"), len(CHANGES)), 30)
    chat.until_condition("Available")


def test_what_others_add_is_removed_and_their_name_told(chat: Watched, kubectl: Kubectl) -> None:
    extra = {"name": "sneaky", "image": "example.com/sneaky:1"}
    change = json.dumps({"spec": {"template": {"spec": {"containers": [extra]}}}})
    arguments = ("-n", chat.namespace, "--type=strategic", "--field-manager=injector", "-p", change)
    kubectl("patch", "deployment", "chat-presence", *arguments)

    def names() -> list[str]:
        return [each["name"] for each in chat.child("deployment", "presence")["spec"]["template"]["spec"]["containers"]]

    chat.until("the container is gone", lambda: names() == ["presence"], 30)
    told = chat.until("it is said", lambda: chat.events("ForeignFieldRemoved"), 30)
    assert "injector" in told[0]
    assert "containers[name=sneaky]" in told[0]


def test_a_restart_that_somebody_asks_for_is_left_alone(chat: Watched, kubectl: Kubectl) -> None:
    told = len(chat.events("ForeignFieldRemoved"))
    kubectl("rollout", "restart", "deployment/chat-presence", "-n", chat.namespace)
    kubectl("patch", "service", "chat-chat", "-n", chat.namespace, "-p", '{"spec":{"sessionAffinity":"ClientIP"}}')
    chat.until(
        "the operator worked on it since",
        lambda: (
            chat.child("service", "chat")["spec"]["sessionAffinity"] == "None"
            or len(chat.events("ForeignFieldRemoved")) > told
        ),
        30,
    )
    annotations = chat.child("deployment", "presence")["spec"]["template"]["metadata"]["annotations"]
    assert "kubectl.kubernetes.io/restartedAt" in annotations


def test_gitops_finds_its_spec_unchanged_and_a_second_apply_changes_nothing(chat: Watched) -> None:
    shown = chat.kubectl.json("get", "chatcluster", "chat", "-n", chat.namespace, "--show-managed-fields")
    entries = shown["metadata"]["managedFields"]
    assert {each["manager"] for each in entries if not each.get("subresource")} == {"kubectl"}
    before = chat.get()
    chat.apply(components=on_fake_nodes())
    after = chat.get()
    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]


def _content(body: dict[str, object]) -> str:
    metadata = body["metadata"]
    assert isinstance(metadata, dict)
    kept = {key: body[key] for key in ("spec", "data") if key in body}
    return json.dumps([kept, metadata.get("labels")], sort_keys=True)


def _same(chat: Watched, kind: str, suffix: str, wanted: str) -> bool:
    return _content(chat.child(kind, suffix)) == wanted


def _another(chat: Watched, kind: str, suffix: str, uid: str) -> bool:
    return bool(chat.child(kind, suffix)["metadata"]["uid"] != uid)


def _all(messages: list[str], count: int) -> list[str] | None:
    return messages if len(messages) >= count else None

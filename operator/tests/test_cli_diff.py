"""What `diff` compares, and what it leaves to the operator."""

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
import yaml
from test_cli_chat_clusters import ClusterInMemory, Manifest, chat_cluster
from typing_extensions import override

from parley_operator.cli.cluster_client import Cluster
from parley_operator.cli.compare.adjusting import adjusted
from parley_operator.cli.compare.comparing import change_of, summary
from parley_operator.cli.compare.diff import Differences, differences
from parley_operator.cli.compare.documents import BadInputError, ClusterDocument, read_documents
from parley_operator.cli.compare.render import inputs_of, objects_of
from parley_operator.cli.failures import CommandError
from parley_operator.desired.names import SECRETS_CHECKSUM, TEMPLATE_HASH
from parley_operator.kube.errors import NotFound
from parley_operator.reconcile.gateways import REFUSED_TEMPLATE, STABLE_REVISION
from parley_operator.reconcile.updates import GENERATION, OPERATOR

IMAGE = "parley.chat/services:1"


def document(**spec: Any) -> ClusterDocument:
    body = chat_cluster()
    body["spec"] |= spec
    del body["metadata"]["uid"]
    return read_documents(yaml.safe_dump(body), "file", None).clusters[0]


def running(**spec: Any) -> list[Manifest]:
    """The ChatCluster and its objects as they are in a cluster."""
    made = deepcopy(objects_of(inputs_of(document(**spec), IMAGE, frozenset(), "uid-chat")))
    for each in made:
        each["metadata"] |= {"resourceVersion": "7", "managedFields": [{"manager": "parley"}], "generation": 3}
        each["status"] = {"readyReplicas": 1}
        if each["kind"] in {"StatefulSet", "Deployment"}:
            each["spec"]["template"]["metadata"]["annotations"][SECRETS_CHECKSUM] = "from-secrets"
            each["metadata"]["annotations"] = adjusted(each, each)["metadata"]["annotations"]
            each["spec"]["replicas"] = 2
    gateway = made_of(made, "StatefulSet", "chat-gateway")
    gateway["metadata"]["annotations"][STABLE_REVISION] = "chat-gateway-1"
    return [chat_cluster(), *made]


def made_of(objects: Sequence[Manifest], kind: str, name: str) -> Manifest:
    return next(each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def compared(cluster: Cluster, wanted: ClusterDocument, image: str | None = IMAGE) -> Differences:
    return asyncio.run(differences(cluster, wanted, image, "parley-system"))


def titles(found: Differences) -> list[str]:
    return [each.text.splitlines()[0] for each in found.changes]


def test_nothing_differs_from_what_was_applied() -> None:
    cluster = ClusterInMemory(running())
    assert compared(cluster, document()) == Differences()
    assert cluster.checks == [True]
    assert "Secret" not in cluster.asked


def test_everything_would_be_made_where_nothing_is() -> None:
    cluster = ClusterInMemory()
    found = compared(cluster, document())
    assert len(found.changes) == len(objects_of(inputs_of(document(), IMAGE, frozenset())))
    assert all(each.what == "made" for each in found.changes)
    assert "ConfigMap chat-settings would be made" in titles(found)
    assert cluster.checks == [False]


def test_a_changed_field_is_shown_as_a_difference() -> None:
    found = compared(ClusterInMemory(running()), document(components={"chat": {"annotations": {"team": "red"}}}))
    (change,) = found.changes
    assert change.text.splitlines()[:3] == [
        "Deployment chat-chat would change",
        "--- live/Deployment/chat-chat",
        "+++ after/Deployment/chat-chat",
    ]
    assert "+    team: red" in change.lines
    assert not any(line.startswith("-") for line in change.lines[1:])


def test_changed_settings_restart_every_component_and_no_secret_is_thought_to_change() -> None:
    found = compared(ClusterInMemory(running()), document(limits={"textBytes": 1000}))
    assert {each.kind for each in found.changes} == {"ConfigMap", "StatefulSet", "Deployment"}
    texts = [line for each in found.changes if each.kind != "ConfigMap" for line in each.lines if line[0] == "+"]
    assert texts
    assert not any(SECRETS_CHECKSUM in line for line in texts)


def test_a_number_of_pods_that_the_operator_would_walk_to_is_shown() -> None:
    found = compared(ClusterInMemory(running()), document(components={"chat": {"replicas": 5}}))
    assert titles(found) == ["Deployment chat-chat would change"]
    assert {"-  replicas: 2", "+  replicas: 5"} <= set(found.changes[0].lines)


@pytest.mark.parametrize(
    ("autoscaling", "replicas"),
    [
        ({"mode": "hpa", "maxReplicas": 9}, None),
        ({"mode": "operator", "minReplicas": 3, "maxReplicas": 9}, 3),
        ({"mode": "operator", "maxReplicas": 9}, None),
        ({"mode": "none"}, None),
    ],
)
def test_whoever_scales_keeps_his_number_within_the_bounds(autoscaling: Manifest, replicas: int | None) -> None:
    found = compared(ClusterInMemory(running()), document(components={"gateway": {"autoscaling": autoscaling}}))
    lines = [line for each in found.changes if each.kind == "StatefulSet" for line in each.lines]
    assert [line for line in lines if line.startswith("+  replicas")] == (
        [] if replicas is None else [f"+  replicas: {replicas}"]
    )


def test_what_is_not_wanted_any_more_would_be_removed() -> None:
    before = running(components={"gateway": {"autoscaling": {"mode": "hpa", "maxReplicas": 9}}})
    found = compared(ClusterInMemory(before), document())
    assert titles(found) == ["HorizontalPodAutoscaler chat-gateway would be removed"]


def test_a_template_that_did_not_work_is_said_not_to_come_back() -> None:
    objects = running()
    gateway = made_of(objects, "StatefulSet", "chat-gateway")
    wanted = document(components={"gateway": {"podTemplate": {"metadata": {"labels": {"mesh": "on"}}}}})
    hashed = adjusted(
        made_of(objects_of(inputs_of(wanted, IMAGE, frozenset(), "uid-chat")), "StatefulSet", "chat-gateway"),
        gateway,
    )["metadata"]["annotations"][TEMPLATE_HASH]
    gateway["metadata"]["annotations"][REFUSED_TEMPLATE] = hashed
    found = compared(ClusterInMemory(objects), wanted)
    assert found.notes == ["pods of chat-gateway as wanted did not work before: the earlier stay"]
    assert not any("mesh" in line for each in found.changes for line in each.lines)


def made_by_an_earlier_operator() -> list[Manifest]:
    objects = running()
    objects[0]["metadata"]["generation"] = 1
    for each in objects:
        if each["kind"] in {"StatefulSet", "Deployment"}:
            notes = {GENERATION: "1", OPERATOR: "0.0.9", TEMPLATE_HASH: "of-an-earlier-operator"}
            each["metadata"]["annotations"] |= notes
            each["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 7
    return objects


def test_what_an_updated_operator_holds_back_is_no_difference_and_is_said() -> None:
    found = compared(ClusterInMemory(made_by_an_earlier_operator()), document())
    assert titles(found) == []
    assert "pods of chat-gateway stay as they are until the spec changes, or updatePolicy is Auto" in found.notes


def test_a_change_of_the_spec_brings_what_was_held_back() -> None:
    found = compared(ClusterInMemory(made_by_an_earlier_operator()), document(limits={"textBytes": 1000}))
    assert {each.kind for each in found.changes} == {"ConfigMap", "StatefulSet", "Deployment"}
    assert any("terminationGracePeriodSeconds: 7" in line for each in found.changes for line in each.lines)
    assert not found.notes


def test_values_of_secret_variables_are_not_shown_even_when_only_they_differ() -> None:
    def with_token(value: str) -> Manifest:
        return {"presence": {"env": [{"name": "MY_TOKEN", "value": value}]}}

    found = compared(ClusterInMemory(running(components=with_token("old"))), document(components=with_token("new")))
    (change,) = found.changes
    assert change.lines == ("only values that are not shown here differ",)


def test_the_image_is_that_of_the_operator_in_the_cluster() -> None:
    variables = [{"name": "PARLEY_OPERATOR_IMAGE", "value": IMAGE}]
    labels = {"app.kubernetes.io/name": "parley-operator"}
    operator = {
        "kind": "Deployment",
        "metadata": {"name": "parley-operator", "namespace": "parley-system", "labels": labels},
        "spec": {"template": {"spec": {"containers": [{"name": "operator", "env": variables}]}}},
    }
    assert compared(ClusterInMemory([*running(), operator]), document(), image=None) == Differences()


def test_an_operator_that_is_not_found_is_said_with_what_is_assumed() -> None:
    found = compared(ClusterInMemory(running()), document(), image=None)
    assert found.notes[0].startswith("no operator was found in namespace parley-system: its image")


def test_a_paused_chat_cluster_is_said_to_stay_as_it_is() -> None:
    found = compared(ClusterInMemory(running()), document(paused=True))
    assert found.notes == ["spec.paused is true: the operator changes nothing until it is false"]


def test_what_the_api_server_refuses_is_told() -> None:
    cluster = ClusterInMemory(running(), refusal="spec.kafka.topics.prefix: Forbidden: prefix may not change")
    with pytest.raises(BadInputError, match=r"refuses ChatCluster chat: spec\.kafka\.topics\.prefix: Forbidden"):
        compared(cluster, document())


def test_a_namespace_that_is_missing_is_told_with_the_way_to_make_it() -> None:
    class WithoutNamespace(ClusterInMemory):
        @override
        async def checked(self, chat_cluster: Manifest, *, there: bool) -> Manifest:
            raise NotFound(404, "POST", 'namespaces "talk" not found')

    with pytest.raises(CommandError, match="no namespace talk: `kubectl create namespace talk` makes it"):
        compared(WithoutNamespace(), document())


def test_what_the_server_writes_itself_makes_no_difference() -> None:
    before = {"kind": "Service", "metadata": {"name": "a", "resourceVersion": "1"}, "spec": {}, "status": {"x": 1}}
    after = {"kind": "Service", "metadata": {"name": "a", "uid": "2", "generation": 4}, "spec": {}}
    assert change_of(before, after) is None


def test_notes_of_the_operator_make_no_difference() -> None:
    def noted(annotations: dict[str, str]) -> Manifest:
        return {"kind": "Deployment", "metadata": {"name": "a", "annotations": annotations}}

    assert change_of(noted({"parley.chat/generation": "1"}), noted({"parley.chat/generation": "2"})) is None
    assert change_of(noted({"parley.chat/generation": "1"}), noted({"team": "red"})) is not None


def test_a_summary_counts_what_would_happen() -> None:
    made = change_of(None, {"kind": "Service", "metadata": {"name": "a"}})
    assert made is not None
    assert summary([made, made]) == "2 would be made"
    assert summary([]) == "nothing would change"

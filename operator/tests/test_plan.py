"""Whatever was there and whatever others do, passes lead to what is wanted, and then to rest."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_example import everything, inputs_of, spec_of
from memory_api_server import Path, Ref
from memory_platform import Platform, lived

from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs, Manifest
from parley_operator.desired.names import MANAGED_BY, MANAGER
from parley_operator.kube.resources import AUTOSCALERS
from parley_operator.reconcile.child_state import child_state
from parley_operator.reconcile.plan import Applied, Apply, Clean, Remove, Step, plan, reference

QUICK: Final = settings(max_examples=25, deadline=None)
HPA: Final = {"sequencer": {"autoscaling": {"mode": "hpa", "maxReplicas": 5}}}
KEDA: Final = {"sequencer": {"autoscaling": {"mode": "keda", "maxReplicas": 5, "targetLag": 10}}}
WANTED: Final[Sequence[Inputs]] = (
    inputs_of(),
    everything(),
    everything(monitoring={"enabled": False}),
    inputs_of(spec_of(components=HPA, networkPolicy={"enabled": False}), apis=OPTIONAL_APIS),
    inputs_of(spec_of(components=KEDA, size="large"), apis=OPTIONAL_APIS),
    inputs_of(spec_of(kafka={"bootstrapServers": ["other:9092"]}), secrets={"tokens": "changed"}),
)


@QUICK
@given(sequence=st.lists(st.sampled_from(WANTED), min_size=1, max_size=4), restarts=st.booleans())
def test_every_sequence_of_specs_converges_in_one_pass_each(sequence: list[Inputs], restarts: bool) -> None:  # noqa: FBT001
    async def life(platform: Platform) -> None:
        for inputs in sequence:
            await platform.settle(inputs)
            if restarts:
                version = platform.server.version
                platform.restart()
                await platform.settle(inputs)
                assert platform.server.version == version, "who begins anew changes nothing"

    lived(life)


def _of_ours(platform: Platform, ref: Ref) -> list[Path]:
    """Every field that can be changed without making another entry of it."""
    owned = sorted(platform.server.objects[ref].owners["parley"])
    apart = {("f:metadata", "f:labels"), ("f:metadata", "f:ownerReferences")}
    return [path for path in owned if path[:2] not in apart and not _is_key(path)]


def _is_key(path: Path) -> bool:
    return len(path) > 1 and path[-2].startswith("k:") and path[-1][2:] in json.loads(path[-2][2:])


def _at(body: Any, path: Path) -> Any:
    for part in path:
        if part.startswith("k:"):
            key = json.loads(part[2:])
            body = next(each for each in body if key.items() <= each.items())
        else:
            body = body[part[2:]]
    return body


@QUICK
@given(data=st.data(), deletes=st.booleans())
def test_a_field_of_ours_that_somebody_changes_or_deletes_is_put_back(data: st.DataObject, deletes: bool) -> None:  # noqa: FBT001
    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        ref = data.draw(st.sampled_from(sorted(platform.server.objects)))
        path = data.draw(st.sampled_from(_of_ours(platform, ref)))

        def edit(body: Manifest) -> None:
            parent = _at(body, path[:-1])
            if deletes:
                del parent[path[-1][2:]]
            else:
                parent[path[-1][2:]] = "something else"

        platform.server.change(ref, "meddler", edit)
        platform.server.events.clear()
        await platform.settle(everything())
        told = [event for event in platform.server.events if event.startswith("DriftRepaired")]
        assert len(platform.server.events) == len(told) == 1
        assert f"{ref[0]} {ref[1]}" in told[0]
        assert deletes or "meddler" in told[0]

    lived(life)


ADDED: Final[Sequence[tuple[str, str, Callable[[Manifest], Any]]]] = (
    ("Deployment", "chat", lambda spec: spec["template"]["spec"]["containers"].append({"name": "x", "image": "y"})),
    ("StatefulSet", "gateway", lambda spec: spec["template"]["spec"]["containers"][0]["env"].append({"name": "A"})),
    ("Deployment", "fanout", lambda spec: spec["template"]["spec"].update({"affinity": {"nodeAffinity": {"a": 1}}})),
    ("Deployment", "fanout", lambda spec: spec["template"]["metadata"]["annotations"].update({"a/b~c": "1"})),
    ("Service", "gateway", lambda spec: spec.update({"sessionAffinity": "ClientIP"})),
    ("NetworkPolicy", "default-deny", lambda spec: spec.update({"egress": [{}]})),
)


@pytest.mark.parametrize(("kind", "name", "add"), ADDED)
def test_what_others_add_is_removed_and_told_once(kind: str, name: str, add: Callable[[Manifest], Any]) -> None:
    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        ref = (kind, f"chat-{name}")
        platform.server.events.clear()
        platform.server.change(ref, "injector", lambda body: add(body["spec"]))
        await platform.settle(everything())
        told = [event for event in platform.server.events if event.startswith("ForeignFieldRemoved")]
        assert len(told) == 1
        assert f"{kind} chat-{name}: removed injector: spec" in told[0]
        assert not any("left no trace" in event for event in platform.server.events)

    lived(life)


def test_an_object_gets_its_owner_and_its_labels_back() -> None:
    ref = ("Service", "chat-chat")

    def stripped(body: Manifest) -> None:
        body["metadata"] |= {"ownerReferences": [], "labels": {}}

    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        before = platform.server.objects[ref].body()
        platform.server.change(ref, "meddler", stripped)
        # Watches choose by label: to them it is gone.
        version = platform.server.objects[ref].metadata["resourceVersion"]
        platform.server.news = [({**before, "metadata": {**before["metadata"], "resourceVersion": version}}, True)]
        await platform.settle(everything())

    lived(life)


def test_a_change_and_an_addition_at_once_are_both_undone() -> None:
    def edit(body: Manifest) -> None:
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "bad"
        body["spec"]["template"]["spec"]["containers"].append({"name": "x", "image": "y"})

    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        platform.server.change(("Deployment", "chat-chat"), "meddler", edit)
        await platform.settle(everything())

    lived(life)


def _restarted(body: Manifest) -> None:
    body["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "now"


def _annotated(body: Manifest) -> None:
    body["metadata"].setdefault("annotations", {})["cloud.example.com/balancer"] = "7"
    body["metadata"]["labels"]["cloud.example.com/zone"] = "a"


def _scaled(body: Manifest) -> None:
    body["spec"]["replicas"] = 7


@pytest.mark.parametrize("edit", [_restarted, _annotated, _scaled])
def test_what_may_be_others_is_left_alone_and_nothing_is_said(edit: Callable[[Manifest], None]) -> None:
    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        platform.server.change(("Deployment", "chat-chat"), "somebody", edit)
        platform.server.events.clear()
        assert await platform.work(everything()) == []
        assert platform.server.events == []

    lived(life)


@QUICK
@given(data=st.data())
def test_a_deleted_object_is_made_again_even_if_no_watch_told(data: st.DataObject) -> None:
    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        ref = data.draw(st.sampled_from(sorted(platform.server.objects)))
        del platform.server.objects[ref]
        await platform.list_again()
        platform.server.events.clear()
        await platform.settle(everything())
        assert platform.server.events == [f"DeletionRepaired: {ref[0]} {ref[1]} was deleted; made again"]

    lived(life)


def test_an_object_that_is_being_deleted_is_left_alone_until_it_is_gone() -> None:
    def edit(body: Manifest) -> None:
        body["metadata"]["deletionTimestamp"] = "now"
        body["spec"]["type"] = "ExternalName"
        body["spec"]["sessionAffinity"] = "ClientIP"

    async def life(platform: Platform) -> None:
        await platform.settle(everything())
        platform.server.change(("Service", "chat-chat"), "meddler", edit)
        assert await platform.work(everything()) == []
        assert await platform.work(inputs_of(spec_of(), apis=OPTIONAL_APIS)) != []
        await platform.server.delete(AUTOSCALERS, "talk", "nothing")
        platform.server.news.append((platform.server.objects.pop(("Service", "chat-chat")).body(), True))
        await platform.settle(everything())

    lived(life)


def _body(kind: str, name: str, owner: str = "ChatCluster", **metadata: Any) -> Manifest:
    owners = [{"kind": owner, "name": "chat", "uid": "u", "controller": True}] if owner else []
    ours = {"app.kubernetes.io/instance": "chat", MANAGER: MANAGED_BY}
    made = {"name": name, "namespace": "talk", "uid": name, "labels": ours, "ownerReferences": owners, **metadata}
    return {"kind": kind, "metadata": made}


def _planned(*bodies: Manifest) -> list[Step]:
    states = [child_state(body) for body in bodies]
    return plan([], {state.ref: state for state in states}, {})


def test_autoscalers_are_removed_before_everything_else() -> None:
    kinds = ("Deployment", "ScaledObject", "ConfigMap", "HorizontalPodAutoscaler", "Service")
    steps = _planned(*(_body(kind, "x") for kind in kinds))
    assert all(isinstance(step, Remove) for step in steps)
    found = [step.state.ref[0] for step in steps if isinstance(step, Remove)]
    assert set(found[:2]) == {"ScaledObject", "HorizontalPodAutoscaler"}
    assert sorted(found) == sorted(kinds)


def test_only_what_is_ours_is_removed() -> None:
    assert _planned(_body("Pod", "x")) == []
    assert _planned(_body("ConfigMap", "x", labels={"app.kubernetes.io/instance": "chat"})) == []
    assert _planned(_body("ConfigMap", "x", deletionTimestamp="now")) == []
    # KEDA copies our labels to the autoscaler that it makes.
    assert _planned(_body("HorizontalPodAutoscaler", "keda-hpa-chat", "ScaledObject")) == []
    assert len(_planned(_body("ConfigMap", "x", ""))) == 1


def test_each_step_says_why_it_is_taken() -> None:
    manifest = {"kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "1"}}
    state = child_state(_body("ConfigMap", "x"))
    before = Applied(digest(manifest), state.fingerprint)
    ref = reference(manifest)
    assert plan([manifest], {}, {}) == [Apply(manifest, "created")]
    assert plan([manifest], {}, {ref: before}) == [Apply(manifest, "deleted by somebody else")]
    assert plan([manifest], {ref: state}, {}) == [Apply(manifest, "changed")]
    assert plan([manifest], {ref: state}, {ref: before}) == []
    changed = Applied(before.wanted, "other")
    assert plan([manifest], {ref: state}, {ref: changed}) == [Apply(manifest, "changed by somebody else", state)]
    entry = {"manager": "meddler", "fieldsV1": {"f:data": {"f:b": {}}}}
    added = child_state(_body("ConfigMap", "x", managedFields=[entry]))
    assert plan([manifest], {ref: added}, {ref: before}) == [Clean(added)]

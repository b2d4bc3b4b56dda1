"""The cache has the newest of each object, whatever arrives late, twice, or out of order."""

from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley_operator.desired.names import INSTANCE
from parley_operator.reconcile.cache import ChildCache, owner_key
from parley_operator.reconcile.child_state import child_state, condition
from parley_operator.reconcile.queue import Key

KEY: Final[Key] = ("talk", "chat")
REF: Final = ("ConfigMap", "x")
QUICK: Final = settings(max_examples=100, deadline=None)


def body(version: int, uid: str = "u1", kind: str = "ConfigMap", **more: Any) -> dict[str, Any]:
    labels = {INSTANCE: "chat", "app.kubernetes.io/managed-by": "parley-operator"}
    owned: dict[str, Any] = {
        "f:metadata": {"f:labels": {f"f:{key}": {} for key in labels}, "f:annotations": {"f:parley.chat/note": {}}}
    }
    metadata = {
        "name": "x",
        "namespace": "talk",
        "uid": uid,
        "resourceVersion": str(version),
        "labels": labels,
        "managedFields": [{"manager": "parley", "fieldsV1": owned}],
        **more.pop("metadata", {}),
    }
    return {"kind": kind, "metadata": metadata, "data": {"version": str(version)}, **more}


@QUICK
@given(data=st.data(), lives=st.lists(st.integers(1, 4), min_size=1, max_size=3), there=st.booleans())
def test_watches_in_order_with_answers_of_calls_in_between_end_with_the_newest(
    data: st.DataObject,
    lives: list[int],
    there: bool,  # noqa: FBT001
) -> None:
    """An object is made, changed and deleted several times; answers of our own calls may come at any later time."""
    version, cache, told = 0, ChildCache(), list[dict[str, Any]]()
    for number, changes in enumerate(lives):
        for _ in range(changes):
            version += 1
            told.append(body(version, f"u{number}"))
            cache.update(told[-1])
            cache.update(data.draw(st.sampled_from(told)))
        if there and number == len(lives) - 1:
            break
        version += 1
        cache.update(body(version, f"u{number}"), deleted=True)
        cache.update(data.draw(st.sampled_from(told)))
    found = cache.of(KEY).get(REF)
    assert (found.resource_version if found else None) == (str(version) if there else None)


def test_a_late_answer_does_not_bring_back_what_is_gone() -> None:
    cache = ChildCache()
    assert cache.update(body(2), deleted=True) is None
    assert cache.update(body(1)) is None
    assert dict(cache.of(KEY)) == {}


def test_an_object_that_only_seemed_to_be_gone_comes_back() -> None:
    """Watches choose by label: who takes a label away deletes for them; the same object is labelled again later."""
    cache = ChildCache()
    cache.update(body(1))
    assert cache.update(body(2), deleted=True) == KEY
    assert cache.update(body(3)) == KEY
    assert cache.of(KEY)[REF].resource_version == "3"


def test_a_late_word_of_a_deletion_says_nothing_about_the_object_that_was_made_since() -> None:
    cache = ChildCache()
    cache.update(body(1, "old"))
    cache.update(body(3, "new"))
    assert cache.update(body(2, "old")) is None
    assert cache.update(body(2, "old"), deleted=True) is None
    assert cache.of(KEY)[REF].uid == "new"


def test_of_versions_that_are_no_numbers_every_other_one_counts_as_newer() -> None:
    cache = ChildCache()
    for version, news in (("b", True), ("b", False), ("a", True), ("7", True)):
        seen = body(1, metadata={"resourceVersion": version}, data={"news": str(news) + version})
        assert (cache.update(seen) == KEY) == news


def test_what_is_gone_is_not_remembered_for_ever() -> None:
    cache = ChildCache()
    for number in range(3000):
        cache.update(body(number, f"u{number}"), deleted=True)
    assert len(cache._gone) == 1000
    assert "u2999" in cache._gone


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"version": "changed"}},
        {"metadata": {"deletionTimestamp": "now"}},
        {"metadata": {"uid": "u2"}},
        {"metadata": {"annotations": {"parley.chat/note": "1"}}},
        {"metadata": {"labels": {INSTANCE: "chat", "new": "1"}}},
        {"metadata": {"managedFields": [{"manager": "x", "fieldsV1": {"f:data": {"f:a": {}}}}]}},
        {"status": {"readyReplicas": 1}},
    ],
)
def test_who_is_concerned_is_told_exactly_when_something_of_it_changed(change: dict[str, Any]) -> None:
    cache = ChildCache()
    assert cache.update({**body(1), "data": {}}) == KEY
    assert cache.update({**body(2), "data": {}}) is None, "only the version is new"
    changed = {**body(3), "data": {}}
    changed = {**changed, **change, "metadata": {**changed["metadata"], **change.get("metadata", {})}}
    assert cache.update(changed) == KEY


def test_the_number_of_pods_of_a_workload_is_news_but_no_change_of_what_is_ours() -> None:
    cache = ChildCache()
    cache.update(body(1, kind="Deployment", spec={"replicas": 1, "a": 1}))
    before = cache.of(KEY)["Deployment", "x"]
    assert cache.update(body(2, kind="Deployment", data={"version": "1"}, spec={"replicas": 2, "a": 1})) == KEY
    after = cache.of(KEY)["Deployment", "x"]
    assert (before.replicas, after.replicas) == (1, 2)
    assert after.fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        (("data", "version"), True),
        (("metadata", "labels", INSTANCE), True),
        (("metadata", "annotations", "parley.chat/note"), True),
        (("metadata", "ownerReferences"), True),
        (("metadata", "annotations", "cloud.example.com/id"), False),
        (("metadata", "labels", "cloud.example.com/zone"), False),
        (("metadata", "generation"), False),
        (("status", "phase"), False),
    ],
)
def test_the_fingerprint_tells_changes_of_what_is_ours_to_say(path: tuple[str, ...], ours: bool) -> None:  # noqa: FBT001
    changed = deepcopy(body(1))
    here = changed
    for part in path[:-1]:
        here = here.setdefault(part, {})
    here[path[-1]] = "changed"
    if path[-1] == "ownerReferences":
        here[path[-1]] = [{"kind": "Other", "controller": True}]
    assert (child_state(changed).fingerprint != child_state(body(1)).fingerprint) == ours


def test_objects_are_kept_apart_by_the_chat_cluster_that_they_belong_to() -> None:
    cache = ChildCache()
    cache.update(body(1))
    other = body(2, metadata={"labels": {INSTANCE: "other"}})
    assert cache.update(other) == ("talk", "other")
    assert len(cache.of(KEY)) == len(cache.of(("talk", "other"))) == 1
    assert cache.update(body(3, metadata={"labels": {}})) is None
    assert owner_key(body(1)) == KEY
    cache.forget(KEY)
    assert dict(cache.of(KEY)) == {}
    assert len(cache.of(("talk", "other"))) == 1
    cache.forget(("talk", "other"))
    assert not cache._children


def test_the_objects_of_a_kind_are_those_of_all_chat_clusters_or_of_a_namespace() -> None:
    cache = ChildCache()
    cache.update(body(1))
    cache.update(body(1, kind="Service"))
    cache.update(body(2, metadata={"labels": {INSTANCE: "other"}}))
    cache.update(body(3, metadata={"namespace": "elsewhere"}))
    here = {(KEY, REF), (("talk", "other"), REF)}
    assert set(cache.of_kind(REF[0], "talk")) == here
    assert set(cache.of_kind(REF[0], None)) == here | {(("elsewhere", "chat"), REF)}
    assert not cache.of_kind("Secret", None)


def test_whatever_becomes_known_of_a_chat_cluster_is_another_revision_of_it_alone() -> None:
    cache = ChildCache()
    found = [cache.revision(KEY)]
    annotated = body(2, metadata={"annotations": {"parley.chat/note": "1"}})
    for change in (body(1), annotated, {**annotated, "metadata": {**annotated["metadata"], "resourceVersion": "3"}}):
        cache.update(change)
        found.append(cache.revision(KEY))
    cache.update(body(4), deleted=True)
    found.append(cache.revision(KEY))
    assert len(set(found)) == 5
    cache.update(body(3))
    cache.update(body(5, metadata={"labels": {INSTANCE: "other"}}))
    assert cache.revision(KEY) == found[-1], "an old word, and one about others, change nothing"
    assert cache.revision(("talk", "other")) == 1


def test_only_the_object_that_is_meant_is_dropped() -> None:
    cache = ChildCache()
    cache.update(body(1, "one"))
    assert not cache.drop(KEY, REF, "two"), "it was made anew since"
    assert cache.drop(KEY, REF, "one")
    assert not cache.drop(KEY, REF, "one")
    assert dict(cache.of(KEY)) == {}


def test_a_pod_is_ready_while_it_says_so_and_stays() -> None:
    ready = {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]}
    pod = child_state(body(1, kind="Pod", status=ready, metadata={"labels": {"controller-revision-hash": "r7"}}))
    assert pod.ready
    assert pod.revision == "r7"
    assert not replace(pod, deleting=True).ready
    assert not child_state(body(1, kind="Pod")).ready
    assert condition(ready, "Other") == "False"
    assert condition({}, "Other") == ""


def test_labels_that_others_own_are_no_concern_of_the_fingerprint() -> None:
    entry = {"manager": "cloud", "fieldsV1": {"f:metadata": {"f:labels": {"f:zone": {}}}}}
    plain = body(1)["metadata"]
    more = {"labels": {**plain["labels"], "zone": "a"}, "managedFields": [*plain["managedFields"], entry]}
    assert child_state(body(1, metadata=more)).fingerprint == child_state(body(1)).fingerprint


def test_little_is_kept_of_an_object_but_what_decisions_need() -> None:
    spec = {"template": {"spec": {"containers": [{"image": "services:1"}]}}, "replicas": 3}
    kept = {"parley.chat/stable-revision": "r1"}
    seen = body(1, kind="StatefulSet", spec=spec, metadata={"annotations": {**kept, "other": "1"}})
    state = child_state({**seen, "status": {"readyReplicas": 2, "collisionCount": 9}})
    assert (state.image, state.replicas, state.annotations) == ("services:1", 3, kept)
    assert state.status == {"readyReplicas": 2}
    assert child_state(body(1, kind="Pod", spec={"containers": [{"image": "services:2"}]})).image == "services:2"


def test_who_controls_an_object_is_kept() -> None:
    owners = [{"kind": "Other", "uid": "1"}, {"kind": "ScaledObject", "uid": "2", "controller": True}]
    assert child_state(body(1, metadata={"ownerReferences": owners})).controller == "ScaledObject"
    assert child_state(body(1, metadata={"ownerReferences": owners[:1]})).controller == ""


def test_writers_are_named_in_the_order_in_which_they_wrote() -> None:
    entries = [
        {"manager": "late", "time": "2026-01-02T00:00:00Z"},
        {"manager": "early", "time": "2026-01-01T00:00:00Z"},
        {"manager": "status-writer", "time": "2026-01-03T00:00:00Z", "subresource": "status"},
    ]
    assert child_state(body(1, metadata={"managedFields": entries})).writers == ("early", "late")

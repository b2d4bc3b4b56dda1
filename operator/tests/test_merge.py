"""Overrides of pods are laid over the operator's own as a strategic merge patch would be."""

from copy import deepcopy
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from parley_operator.desired.merge import strategic_merge

Object = dict[str, Any]
QUICK: Final = settings(max_examples=100, deadline=None)

names: Final = st.sampled_from(("a", "b", "c", "d"))
scalars: Final = st.one_of(st.integers(0, 3), names, st.booleans())


def keyed(key: str, entries: st.SearchStrategy[Object]) -> st.SearchStrategy[list[Object]]:
    """A list in which no key is there twice."""
    return st.lists(entries, max_size=4, unique_by=lambda entry: entry[key])


variables: Final = keyed(
    "name",
    st.one_of(
        st.fixed_dictionaries({"name": names, "value": names}),
        st.fixed_dictionaries({"name": names, "valueFrom": st.fixed_dictionaries({"fieldRef": names})}),
    ),
)
containers: Final = keyed(
    "name",
    st.fixed_dictionaries(
        {"name": names},
        optional={"env": variables, "args": st.lists(names, max_size=3), "resources": st.dictionaries(names, scalars)},
    ),
)
pods: Final = st.fixed_dictionaries(
    {},
    optional={
        "containers": containers,
        "nodeSelector": st.dictionaries(names, scalars, max_size=3),
        "volumeMounts": keyed("mountPath", st.fixed_dictionaries({"mountPath": names, "name": names})),
        "schedulerName": names,
    },
)
patches: Final = st.one_of(
    pods,
    st.fixed_dictionaries({"nodeSelector": st.dictionaries(names, st.one_of(st.none(), scalars), max_size=3)}),
    st.fixed_dictionaries({"schedulerName": st.none(), "a": st.dictionaries(names, st.one_of(st.none(), scalars))}),
)


@QUICK
@given(original=pods, patch=patches)
def test_the_same_patch_twice_is_the_patch_once(original: Object, patch: Object) -> None:
    once = strategic_merge(original, patch)
    assert strategic_merge(once, patch) == once


@QUICK
@given(original=pods, patch=patches)
def test_neither_side_is_changed(original: Object, patch: Object) -> None:
    before = deepcopy((original, patch))
    strategic_merge(original, patch)
    assert (original, patch) == before


@QUICK
@given(original=pods)
def test_nothing_changes_without_a_patch_or_with_what_is_there(original: Object) -> None:
    assert strategic_merge(original, {}) == original
    assert strategic_merge(original, original) == original


@QUICK
@given(original=pods, patch=pods)
def test_entries_keep_their_order_and_new_ones_come_last(original: Object, patch: Object) -> None:
    before = [entry["name"] for entry in original.get("containers", [])]
    asked = [entry["name"] for entry in patch.get("containers", [])]
    merged = strategic_merge(original, patch).get("containers", [])
    assert [entry["name"] for entry in merged] == [*before, *(name for name in asked if name not in before)]


@QUICK
@given(original=pods, patch=pods)
def test_a_variable_has_a_value_or_its_source_but_never_both(original: Object, patch: Object) -> None:
    asked = {
        (container["name"], each["name"]): each
        for container in patch.get("containers", [])
        for each in container.get("env", [])
    }
    for container in strategic_merge(original, patch).get("containers", []):
        for each in container.get("env", []):
            assert len({"value", "valueFrom"} & set(each)) == 1
            assert asked.get((container["name"], each["name"]), each) == each


def test_a_value_takes_the_place_of_its_source_and_the_other_way_round() -> None:
    value, source = {"name": "A", "value": "1"}, {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}
    assert strategic_merge({"env": [source]}, {"env": [value]}) == {"env": [value]}
    assert strategic_merge({"env": [value]}, {"env": [source]}) == {"env": [source]}


def test_none_removes_a_field_at_every_depth() -> None:
    original = {"a": 1, "b": {"c": 1, "d": 2}}
    assert strategic_merge(original, {"a": None, "b": {"c": None}}) == {"b": {"d": 2}}
    assert strategic_merge({}, {"b": {"c": None, "e": {"f": None, "g": 1}}}) == {"b": {"e": {"g": 1}}}
    added = {"containers": [{"name": "x", "image": None, "args": ["1"]}]}
    assert strategic_merge({"containers": []}, added) == {"containers": [{"name": "x", "args": ["1"]}]}


def test_lists_without_a_key_are_replaced_and_those_with_one_are_merged() -> None:
    original = {"args": ["a", "b"], "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}]}
    patch = {"args": ["c"], "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]}
    assert strategic_merge(original, patch) == {
        "args": ["c"],
        "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Mi", "medium": "Memory"}}],
    }


def test_every_kind_of_list_has_the_key_that_kubernetes_gives_it() -> None:
    keys = {
        "containers": "name",
        "initContainers": "name",
        "env": "name",
        "volumes": "name",
        "volumeMounts": "mountPath",
        "hostAliases": "ip",
        "imagePullSecrets": "name",
        "ports": "containerPort",
    }
    for field, key in keys.items():
        merged = strategic_merge({field: [{key: "1", "a": 1}]}, {field: [{key: "1", "b": 2}, {key: "2"}]})
        assert merged == {field: [{key: "1", "a": 1, "b": 2}, {key: "2"}]}

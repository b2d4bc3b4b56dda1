"""Who owns which field is read from `managedFields`, and what others added is taken out again, and nothing else."""

import json
from copy import deepcopy
from typing import Any, Final

import pytest

from parley_operator.reconcile.managed_fields import Foreign, foreign_fields, readable, removals

CONTAINER: Final = 'k:{"name":"gateway"}'
POD: Final = ("spec", "template", "spec")
OURS: Final[dict[str, Any]] = {
    "f:metadata": {"f:labels": {"f:app": {}}},
    "f:spec": {
        "f:selector": {},
        "f:template": {
            "f:metadata": {"f:annotations": {"f:parley.chat/config-checksum": {}}},
            "f:spec": {
                "f:containers": {
                    CONTAINER: {
                        ".": {},
                        "f:name": {},
                        "f:image": {},
                        "f:env": {'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}},
                    }
                }
            },
        },
    },
}


def body_of(*others: tuple[str, dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """Our StatefulSet, with what others own; `spec` is laid over that of its pods."""
    container = {"name": "gateway", "image": "i", "env": [{"name": "A", "value": "1"}]}
    pod = {"containers": [container], **spec}
    entries = [{"manager": "parley", "operation": "Apply", "fieldsV1": OURS}]
    entries += [{"manager": name, "operation": "Update", "fieldsV1": fields} for name, fields in others]
    annotations = {"parley.chat/config-checksum": "c"}
    return {
        "kind": "StatefulSet",
        "metadata": {"name": "chat-gateway", "resourceVersion": "41", "managedFields": entries},
        "spec": {"selector": {"a": "b"}, "template": {"metadata": {"annotations": annotations}, "spec": pod}},
    }


def in_pod(fields: dict[str, Any]) -> dict[str, Any]:
    return {"f:spec": {"f:template": {"f:spec": fields}}}


def patched(body: dict[str, Any]) -> dict[str, Any]:
    """The object after the patch that takes away what is foreign, as the API server would do it."""
    found = deepcopy(body)
    for step in removals(body, foreign_fields(body)):
        parts = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
        here: Any = found
        for part in parts[:-1]:
            here = here[int(part) if isinstance(here, list) else part]
        last = int(parts[-1]) if isinstance(here, list) else parts[-1]
        if step["op"] == "test":
            assert here[last] == step["value"]
        else:
            del here[last]
    return found


def test_an_object_that_only_we_wrote_has_nothing_foreign() -> None:
    assert foreign_fields(body_of()) == ()
    assert foreign_fields({"metadata": {}}) == ()
    assert removals(body_of(), ()) == []


def test_an_added_container_is_one_thing_and_goes_as_a_whole() -> None:
    key = 'k:{"name":"side"}'
    fields = in_pod({"f:containers": {key: {".": {}, "f:image": {}, "f:name": {}, "f:resources": {}}}})
    body = body_of(("injector", fields))
    body["spec"]["template"]["spec"]["containers"].insert(0, {"name": "side", "image": "x", "resources": {}})
    assert foreign_fields(body) == (Foreign("injector", (*POD, "containers", key)),)
    assert str(foreign_fields(body)[0]) == "injector: spec.template.spec.containers[name=side]"
    assert patched(body)["spec"] == body_of()["spec"]


def test_a_field_inside_our_entry_of_a_list_goes_alone() -> None:
    fields = in_pod(
        {"f:containers": {CONTAINER: {"f:env": {'k:{"name":"B"}': {".": {}, "f:name": {}, "f:value": {}}}}}}
    )
    body = body_of(("kubectl-edit", fields))
    body["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "B", "value": "2"})
    assert [str(each) for each in foreign_fields(body)] == [
        "kubectl-edit: spec.template.spec.containers[name=gateway].env[name=B]"
    ]
    assert patched(body)["spec"] == body_of()["spec"]


def test_what_others_say_just_as_we_do_is_not_foreign() -> None:
    same = in_pod({"f:containers": {CONTAINER: {".": {}, "f:name": {}, "f:image": {}}}})
    assert foreign_fields(body_of(("flux", same))) == ()


def test_a_field_that_holds_ours_is_never_taken_away() -> None:
    """Who made a map and lost all that was in it still owns the map itself."""
    bare = in_pod({"f:containers": {CONTAINER: {}}})
    maps: dict[str, Any] = {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {}}}}}
    assert foreign_fields(body_of(("restorer", bare), ("other", maps))) == ()


def test_entries_of_sets_are_found_by_their_value() -> None:
    fields: dict[str, Any] = {"f:spec": {"f:networks": {'v:"10.0.0.0/8"': {}, "v:7": {}}, "f:given": {}}}
    body = {
        "metadata": {"resourceVersion": "1", "managedFields": [{"manager": "x", "fieldsV1": fields}]},
        "spec": {"networks": ["1.1.1.1/32", "10.0.0.0/8", 7], "given": 1},
    }
    ours: dict[str, Any] = {"f:spec": {"f:networks": {'v:"1.1.1.1/32"': {}}, "f:given": {}}}
    body["metadata"]["managedFields"].append({"manager": "parley", "fieldsV1": ours})  # type: ignore[index]
    assert patched(body)["spec"] == {"networks": ["1.1.1.1/32"], "given": 1}


def test_later_entries_of_a_list_go_first_so_that_numbers_stay_right() -> None:
    names = [f"n{number}" for number in range(12)]
    keys: dict[str, Any] = {f"k:{json.dumps({'name': name})}": {".": {}, "f:name": {}} for name in names}
    body = body_of(("x", in_pod({"f:containers": keys})))
    body["spec"]["template"]["spec"]["containers"] += [{"name": name} for name in names]
    paths = [step["path"] for step in removals(body, foreign_fields(body))]
    assert paths[0] == "/metadata/resourceVersion"
    assert paths[1:4] == [f"/spec/template/spec/containers/{number}" for number in (12, 11, 10)]
    assert patched(body)["spec"] == body_of()["spec"]


def test_an_entry_of_two_managers_goes_once_with_everything_in_it() -> None:
    key = 'k:{"name":"side"}'
    whole = in_pod({"f:containers": {key: {".": {}, "f:name": {}}}})
    part = in_pod({"f:containers": {key: {"f:image": {}}}})
    body = body_of(("a", whole), ("b", part))
    body["spec"]["template"]["spec"]["containers"].append({"name": "side", "image": "x"})
    assert {each.manager for each in foreign_fields(body)} == {"a", "b"}
    assert patched(body)["spec"] == body_of()["spec"]


def test_names_with_slashes_and_tildes_are_written_as_a_pointer_wants_them() -> None:
    body = {
        "metadata": {
            "resourceVersion": "1",
            "managedFields": [
                {"manager": "parley", "fieldsV1": {"f:data": {"f:ours": {}}}},
                {"manager": "x", "fieldsV1": {"f:data": {"f:a/b~c": {}}}},
            ],
        },
        "data": {"ours": "1", "a/b~c": "2"},
    }
    assert removals(body, foreign_fields(body))[1]["path"] == "/data/a~1b~0c"
    assert patched(body)["data"] == {"ours": "1"}


def test_what_is_gone_by_now_needs_no_patch() -> None:
    gone = (Foreign("x", (*POD, "containers", 'k:{"name":"side"}', "image")), Foreign("x", (*POD, "hostIPC")))
    assert removals(body_of(), gone) == []


@pytest.mark.parametrize("manager", ["parley", "parley-replicas"])
def test_both_our_managers_are_ours(manager: str) -> None:
    assert foreign_fields(body_of((manager, in_pod({"f:hostname": {}})), hostname="x")) == ()
    assert len(foreign_fields(body_of((f"{manager}-not", in_pod({"f:hostname": {}})), hostname="x"))) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"f:spec": {"f:replicas": {}}},
        {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {"f:kubectl.kubernetes.io/restartedAt": {}}}}}},
        {"f:status": {"f:replicas": {}}},
        {"f:metadata": {"f:labels": {"f:theirs": {}}}},
    ],
)
def test_what_may_be_others_is_not_foreign(fields: dict[str, Any]) -> None:
    assert foreign_fields(body_of(("kubectl", fields))) == ()


def test_what_may_be_others_stays_even_in_a_map_that_is_all_theirs() -> None:
    restart = "kubectl.kubernetes.io/restartedAt"
    inner: dict[str, Any] = {".": {}, f"f:{restart}": {}, "f:x": {}}
    fields = {"f:spec": {"f:template": {"f:metadata": {"f:annotations": inner}}}}
    body = {
        "metadata": {"resourceVersion": "1", "managedFields": [{"manager": "k", "fieldsV1": fields}]},
        "spec": {"template": {"metadata": {"annotations": {restart: "now", "x": "1"}}}},
    }
    assert patched(body)["spec"]["template"]["metadata"]["annotations"] == {restart: "now"}


def test_writers_of_subresources_are_not_looked_at() -> None:
    body = body_of(("scaler", in_pod({"f:hostname": {}})), hostname="x")
    body["metadata"]["managedFields"][-1]["subresource"] = "status"
    assert foreign_fields(body) == ()


def test_the_order_is_steady() -> None:
    one, two = ("b", in_pod({"f:z": {}, "f:a": {}})), ("a", in_pod({"f:y": {}}))
    assert foreign_fields(body_of(one, two)) == foreign_fields(body_of(two, one))
    assert [each.manager for each in foreign_fields(body_of(one, two))] == ["a", "b", "b"]


def test_a_path_is_readable() -> None:
    ports = 'k:{"containerPort":80,"protocol":"TCP"}'
    assert readable(("spec", "containers", 'k:{"name":"a"}', "image")) == "spec.containers[name=a].image"
    assert readable(("spec", "ports", ports)) == "spec.ports[containerPort=80,protocol=TCP]"
    assert readable(("spec", "finalizers", 'v:"x"')) == "spec.finalizers[x]"

"""What a ChatCluster consists of follows from its inputs alone, is safe to run, and changes no more than it must."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

import pytest
from inputs_example import everything, inputs_of, spec_of

from parley.contract import BACKENDS_OF_ROLES, ROLES
from parley_operator.desired.desired import desired
from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs, Manifest
from parley_operator.desired.names import INSTANCE, MANAGED_BY, MANAGER, internal_secret
from parley_operator.desired.pod import drain_seconds
from parley_operator.desired.settings import engine_secret_names, referenced_secrets
from parley_operator.kube.resources import resource_of

ROUTE: Final = {"gatewayRoute": {"parentRefs": [{"name": "public"}], "hostnames": ["chat.example.com"]}}
CASES: Final = {
    "small": inputs_of(),
    "development": inputs_of(spec_of(size="development")),
    "xlarge": inputs_of(spec_of(size="xlarge"), apis=OPTIONAL_APIS),
    "everything": everything(),
    "route": everything(exposure=ROUTE),
    "keys": inputs_of(spec_of(auth={"jwksUrl": "https://login.example.com/keys", "allowedOrigins": ["*"]})),
}
in_every_case: Final = pytest.mark.parametrize("inputs", CASES.values(), ids=CASES.keys())
SECRETS: Final = {
    "registry": {"redis-login"},
    "store": {"cql-login"},
    "log": {"kafka-login", "authority", "client"},
}


def templates(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Templates of pods by component."""
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"]
        for each in manifests
        if "template" in each.get("spec", {})
    }


def containers(template: Manifest) -> Iterator[Manifest]:
    yield from template["spec"].get("initContainers", [])
    yield from template["spec"]["containers"]


@in_every_case
def test_the_same_inputs_give_the_same_objects_and_stay_as_they_are(inputs: Inputs) -> None:
    spec, secrets = inputs.spec.model_dump_json(), dict(inputs.around.secrets)
    first, before = desired(inputs), deepcopy(inputs)
    assert json.dumps(first) == json.dumps(desired(before))
    assert inputs.spec.model_dump_json() == spec
    assert inputs.around.secrets == secrets


def _spoil(value: Any) -> None:
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _spoil(each)
    if isinstance(value, dict):
        value["spoilt"] = True
    if isinstance(value, list):
        value.append("spoilt")


@in_every_case
def test_who_changes_what_came_out_changes_nothing_that_comes_out_later(inputs: Inputs) -> None:
    before = json.dumps(desired(inputs))
    for manifest in desired(inputs):
        _spoil(manifest)
    assert json.dumps(desired(inputs)) == before


@in_every_case
def test_every_object_is_known_to_be_ours_and_goes_with_the_chat_cluster(inputs: Inputs) -> None:
    found = desired(inputs)
    for manifest in found:
        metadata = manifest["metadata"]
        assert resource_of(manifest)
        assert metadata["namespace"] == inputs.namespace
        assert metadata["name"].startswith(f"{inputs.name}-")
        assert (metadata["labels"][MANAGER], metadata["labels"][INSTANCE]) == (MANAGED_BY, inputs.name)
        (owner,) = metadata["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["uid"]) == ("ChatCluster", inputs.name, inputs.uid)
        assert owner["controller"] is owner["blockOwnerDeletion"] is True
    refs = [(each["kind"], each["metadata"]["name"]) for each in found]
    assert len(refs) == len(set(refs))


@in_every_case
def test_nobody_but_the_owner_of_the_number_says_how_many_pods_there_are(inputs: Inputs) -> None:
    for manifest in desired(inputs):
        assert "replicas" not in manifest.get("spec", {})


@in_every_case
def test_every_component_has_a_workload_whose_pods_its_selector_finds(inputs: Inputs) -> None:
    found = templates(desired(inputs))
    assert set(found) == set(ROLES)
    for manifest in desired(inputs):
        if "template" in manifest.get("spec", {}):
            chosen = manifest["spec"]["selector"]["matchLabels"]
            labels = manifest["spec"]["template"]["metadata"]["labels"]
            assert chosen.items() <= labels.items()
            assert labels[MANAGER] == MANAGED_BY, "watches find pods by this label"


@in_every_case
def test_every_pod_fulfils_the_restricted_profile_of_pod_security(inputs: Inputs) -> None:
    for template in templates(desired(inputs)).values():
        spec = template["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"].get("runAsUser") != 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        allowed = {"secret", "configMap", "emptyDir"}
        assert all(set(volume) - {"name"} <= allowed for volume in spec["volumes"])
        for container in containers(template):
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert not {"privileged", "procMount", "seccompProfile", "runAsUser"} & set(security)
            assert all("hostPort" not in port for port in container.get("ports", []))


@in_every_case
def test_our_own_containers_cannot_write_and_pods_get_no_token(inputs: Inputs) -> None:
    for role, template in templates(desired(inputs)).items():
        (own,) = (each for each in containers(template) if each["name"] == role)
        assert own["securityContext"]["readOnlyRootFilesystem"] is True
        assert template["spec"]["automountServiceAccountToken"] is False
        mounts = {mount["name"]: mount["mountPath"] for mount in own["volumeMounts"]}
        assert set(mounts) <= {volume["name"] for volume in template["spec"]["volumes"]}
        assert len(set(mounts.values())) == len(mounts)


@in_every_case
def test_the_grace_period_is_longer_than_everything_that_happens_in_it(inputs: Inputs) -> None:
    for role, template in templates(desired(inputs)).items():
        (own,) = (each for each in containers(template) if each["name"] == role)
        grace = template["spec"]["terminationGracePeriodSeconds"]
        before = own["lifecycle"]["preStop"]["sleep"]["seconds"]
        values = {each["name"]: each.get("value", "") for each in own["env"]}
        drain = int(values.get("PARLEY_DRAIN_MS", "0")) / 1000
        assert 0 < before < before + drain < grace if role == "gateway" else 0 < before < grace
        if role == "gateway":
            asked = int(values["PARLEY_DRAIN_PER_SECOND"])
            assert asked * drain >= 20_000, "a full gateway can be emptied"
            assert drain > drain_seconds(inputs.spec.component(role))


@in_every_case
def test_the_containers_of_a_component_get_only_what_their_engines_need(inputs: Inputs) -> None:
    found = templates(desired(inputs))
    for role, template in found.items():
        text = json.dumps(template)
        for engine, names in SECRETS.items():
            if engine not in BACKENDS_OF_ROLES[role]:
                assert not any(f'"{name}"' in text for name in names), role
    assert any("redis-login" in json.dumps(each) for each in found.values()) == (
        "redis-login" in referenced_secrets(inputs)
    )


def _with_secrets(inputs: Inputs, **digests: str) -> Inputs:
    secrets = {**dict.fromkeys(referenced_secrets(inputs), "0"), **digests}
    return inputs_of(inputs.spec, apis=inputs.around.apis, secrets=secrets)


@in_every_case
def test_a_changed_secret_changes_exactly_the_pods_that_read_it(inputs: Inputs) -> None:
    before = desired(_with_secrets(inputs))
    for name in referenced_secrets(inputs):
        after = desired(_with_secrets(inputs, **{name: "1"}))
        readers = {role for role, template in templates(before).items() if _reads(template, name)}
        assert readers
        assert _changed(before, after) == readers
    assert desired(_with_secrets(inputs, unrelated="1")) == before


@in_every_case
def test_whoever_opens_the_engines_needs_the_same_secrets_as_the_pods(inputs: Inputs) -> None:
    opened = set(engine_secret_names(inputs.spec))
    others = {each.name for each in (inputs.spec.auth.jwt_secret, inputs.spec.auth.jwks_secret) if each}
    assert set(referenced_secrets(inputs)) - others - {internal_secret(inputs)} == opened - others


def _reads(template: Manifest, secret: str) -> bool:
    text = json.dumps([template["spec"]["volumes"], [each.get("env") for each in containers(template)]])
    return f'"secretName": "{secret}"' in text or f'{{"name": "{secret}", "key"' in text


def _changed(before: list[Manifest], after: list[Manifest]) -> set[str]:
    """Components whose pods change; nothing else may."""
    old, new = templates(before), templates(after)
    changed = {role for role in old if old[role] != new[role]}
    assert {role for role in old if digest(old[role]) != digest(new[role])} == changed
    for one, two in zip(before, after, strict=True):
        role = one["metadata"]["labels"].get("app.kubernetes.io/component")
        assert one == two or ("template" in one["spec"] and role in changed)
    return changed


@in_every_case
def test_a_changed_setting_restarts_every_pod_and_a_changed_route_none(inputs: Inputs) -> None:
    dumped = inputs.spec.model_dump(by_alias=True, exclude_none=True)
    limits = spec_of(**{**dumped, "limits": {"groupMembers": 7}})
    changed = templates(desired(inputs_of(limits, apis=inputs.around.apis)))
    before = templates(desired(inputs))
    assert all(changed[role] != before[role] for role in ROLES)
    other = spec_of(**{**dumped, "exposure": {"ingress": {"host": "other.example.com"}}})
    assert templates(desired(inputs_of(other, apis=inputs.around.apis))) == before


@in_every_case
def test_what_an_absent_api_would_need_is_not_asked_for(inputs: Inputs) -> None:
    bare = desired(inputs_of(inputs.spec))
    assert not {each["apiVersion"] for each in bare} & set(OPTIONAL_APIS)
    for role in ROLES:
        scalers = [each for each in desired(inputs) if _scales(each, f"{inputs.name}-{role}")]
        assert len(scalers) <= 1, "two would stop each other"


def _scales(manifest: Manifest, workload: str) -> bool:
    return bool(manifest.get("spec", {}).get("scaleTargetRef", {}).get("name") == workload)


@pytest.mark.parametrize(
    ("image", "version", "wanted"),
    [
        ("parley.chat/services:0.1.0", None, "parley.chat/services:0.1.0"),
        ("parley.chat/services:0.1.0", "0.2.0", "parley.chat/services:0.2.0"),
        ("localhost:5000/services", "0.2.0", "localhost:5000/services:0.2.0"),
        ("localhost:5000/services:0.1.0", "0.2.0", "localhost:5000/services:0.2.0"),
        ("services", "0.2.0", "services:0.2.0"),
        ("parley.chat/services:0.1.0@sha256:abc", "0.2.0", "parley.chat/services:0.2.0"),
        ("parley.chat/services@sha256:abc", None, "parley.chat/services@sha256:abc"),
    ],
)
def test_a_version_is_a_tag_of_the_operators_own_image(image: str, version: str | None, wanted: str) -> None:
    assert inputs_of(spec_of(version=version), image=image).image == wanted
    assert inputs_of(spec_of(version=version, image="mine:1"), image=image).image == "mine:1"

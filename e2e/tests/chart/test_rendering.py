"""Whatever values people choose, the chart gives sound objects, and always the same ones."""

import json
import re
import shutil
from pathlib import Path

import pytest

from e2e.chart.reference import CHART
from e2e.tests.chart.matrix import DIGEST, MATRIX
from e2e.tests.chart.rendering import NAMESPACE, RELEASE, Helm, Manifest, chosen, is_hook, pod_templates

CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"}
UNREPEATABLE = re.compile(r"\b(lookup|now|date|rand\w+|uuidv4|genCA|genPrivateKey|genSelfSignedCert|genSignedCert)\b")
every_case = pytest.mark.parametrize("values", MATRIX.values(), ids=MATRIX.keys())


@every_case
def test_lint_finds_nothing(helm: Helm, values: Manifest, tmp_path: Path) -> None:
    chosen_values = tmp_path / "values.yaml"
    chosen_values.write_text(json.dumps(values))
    done = helm("lint", str(CHART), "--strict", "--values", str(chosen_values), "--namespace", NAMESPACE)
    assert done.returncode == 0, done.stdout + done.stderr


@every_case
def test_two_renderings_are_the_same(helm: Helm, values: Manifest) -> None:
    assert helm.text(values) == helm.text(values)


@every_case
def test_every_object_says_where_it_is_and_to_which_release_it_belongs(helm: Helm, values: Manifest) -> None:
    seen = set()
    for each in helm.objects(values):
        metadata = each["metadata"]
        assert ("namespace" in metadata) == (each["kind"] not in CLUSTER_WIDE), metadata["name"]
        assert metadata["labels"]["app.kubernetes.io/instance"] == RELEASE, metadata["name"]
        assert all(isinstance(value, str) and len(value) <= 63 for value in metadata["labels"].values())
        seen.add((each["kind"], metadata.get("namespace"), metadata["name"]))
    assert len(seen) == len(helm.objects(values)), "an object is there twice"


@every_case
def test_every_pod_passes_the_restricted_standard(helm: Helm, values: Manifest) -> None:
    for template in pod_templates(helm.objects(values)):
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert {kind for volume in spec.get("volumes", []) for kind in volume} <= {"name", "emptyDir", "configMap"}
        for container in spec["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["requests"]
            assert container["resources"]["limits"]["memory"]


@every_case
def test_selectors_find_the_pods_of_their_own_object_and_no_others(helm: Helm, values: Manifest) -> None:
    objects = helm.objects(values)
    owners = [each for each in objects if "template" in each.get("spec", {}) or each["kind"] == "Pod"]
    for each in objects:
        selector = each["spec"].get("selector") if isinstance(each.get("spec"), dict) else None
        if not selector:
            continue
        wanted = selector.get("matchLabels", selector)
        found = [owner for owner in owners if wanted.items() <= _pod_labels(owner).items()]
        if each["kind"] in {"PodMonitor", "Service", "Deployment", "StatefulSet", "PodDisruptionBudget"}:
            assert len(found) == 1, (each["kind"], each["metadata"]["name"])


def _pod_labels(owner: Manifest) -> dict[str, str]:
    metadata = owner["metadata"] if owner["kind"] == "Pod" else owner["spec"]["template"]["metadata"]
    labels: dict[str, str] = metadata["labels"]
    return labels


def test_a_new_version_of_the_chart_changes_no_pod_no_selector_and_no_claim(helm: Helm, tmp_path: Path) -> None:
    newer = tmp_path / "chart"
    shutil.copytree(CHART, newer)
    said = (newer / "Chart.yaml").read_text()
    (newer / "Chart.yaml").write_text(re.sub(r"^version: .*$", "version: 99.0.0", said, flags=re.MULTILINE))
    for name, values in MATRIX.items():
        before, after = helm.objects(values), helm.objects(values, chart=newer)
        assert [_lasting(each) for each in before] == [_lasting(each) for each in after], name
        assert any(each["metadata"]["labels"].get("helm.sh/chart") == "parley-99.0.0" for each in after)


def _lasting(manifest: Manifest) -> Manifest:
    """All but the labels of the object itself."""
    return manifest | {"metadata": {**manifest["metadata"], "labels": None}}


def test_templates_use_nothing_that_differs_from_time_to_time() -> None:
    for path in sorted((CHART / "templates").rglob("*.*")):
        expressions = re.sub(r"\{\{-? ?/\*.*?\*/ ?-?\}\}", "", path.read_text(), flags=re.DOTALL)
        for expression in re.findall(r"\{\{(.*?)\}\}", expressions):
            code = re.sub(r'"[^"]*"', '""', expression)
            assert UNREPEATABLE.search(code) is None, f"{path}: {expression}"


def test_a_registry_of_ones_own_takes_the_place_of_every_other(helm: Helm) -> None:
    values = {
        "global": {"imageRegistry": "registry.example.com"},
        "devBackends": {"enabled": True},
        "chatCluster": {"create": True, "tokenSecret": "change-me-" * 4},
        "imagePullSecrets": [{"name": "registry"}],
    }
    objects = helm.objects(values)
    templates = pod_templates(objects)
    images = {container["image"] for each in templates for container in each["spec"]["containers"]}
    environment = {entry["name"]: entry.get("value") for entry in _operator(objects)["env"]}
    images.add(str(environment["PARLEY_OPERATOR_IMAGE"]))
    assert len(images) == 5
    assert {image.partition("/")[0] for image in images} == {"registry.example.com"}
    assert all(each["spec"]["imagePullSecrets"] == [{"name": "registry"}] for each in templates)


def _operator(objects: list[Manifest]) -> Manifest:
    container: Manifest = chosen(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    return container


def test_a_digest_wins_over_a_tag(helm: Helm) -> None:
    values = {"image": {"tag": "1.2.3", "digest": DIGEST}, "servicesImage": {"tag": "1.2.3"}}
    operator = _operator(helm.objects(values))
    assert operator["image"] == f"parley.chat/operator@{DIGEST}"
    assert {"name": "PARLEY_OPERATOR_IMAGE", "value": "parley.chat/services:1.2.3"} in operator["env"]


def test_names_follow_the_release_and_may_be_chosen(helm: Helm) -> None:
    def name(values: Manifest | None = None, release: str = RELEASE) -> str:
        return str(chosen(helm.objects(values, release=release), "Deployment")["metadata"]["name"])

    assert name() == "parley-operator"
    assert name(release="my-operator") == "my-operator"
    assert name({"fullnameOverride": "talk"}) == "talk"
    assert len(name(release="r" * 53)) <= 48


def test_hooks_end_by_themselves(helm: Helm) -> None:
    values = MATRIX["a first ChatCluster on development servers"]
    hooks = [each for each in helm.objects(values) if is_hook(each)]
    assert {each["metadata"]["annotations"]["helm.sh/hook"] for each in hooks} == {
        "test",
        "pre-delete",
        "post-install,post-upgrade,post-rollback",
    }
    for each in hooks:
        assert each["spec"]["activeDeadlineSeconds"] < 300
        assert {each["spec"].get("restartPolicy"), each["spec"].get("backoffLimit")} & {"Never", 0, 1}


def test_what_an_uninstallation_must_not_take_is_never_made_by_a_hook(helm: Helm) -> None:
    values = MATRIX["a first ChatCluster on development servers"]
    assert {each["kind"] for each in helm.objects(values) if is_hook(each)} == {"Job", "Pod"}

"""The chart installs the same operator as `parley-operator manifests`, with the same rights."""

from typing import Any

import pytest

from e2e.tests.chart.rendering import NAMESPACE, Helm, Manifest, chosen
from parley_operator.cli.install.installation import installation
from parley_operator.kube.permissions import GRANTS, LEASE_GRANTS, rules
from parley_operator.settings import OperatorSettings

OPERATOR_IMAGE, SERVICES_IMAGE = "parley.chat/operator:0.1.0", "parley.chat/services:0.1.0"
SCOPES: dict[str, tuple[Manifest, tuple[str, ...]]] = {
    "all namespaces": ({}, ()),
    "listed namespaces": ({"watchNamespaces": ["one", "two"]}, ("one", "two")),
    "its own namespace": ({"watchReleaseNamespace": True}, (NAMESPACE,)),
}
every_scope = pytest.mark.parametrize(("values", "namespaces"), SCOPES.values(), ids=SCOPES.keys())


def of_kind(objects: list[Manifest], *kinds: str) -> list[Manifest]:
    return [each for each in objects if each["kind"] in kinds]


@every_scope
def test_the_operator_has_exactly_the_rights_of_its_grants(
    helm: Helm, values: Manifest, namespaces: tuple[str, ...]
) -> None:
    objects = helm.objects(values)
    held = _held(objects, "parley-operator")
    where = namespaces or (None,)
    wanted = [(name, _plain(rules(GRANTS))) for name in where]
    wanted.append((NAMESPACE, _plain(rules(LEASE_GRANTS))))
    assert sorted(held, key=str) == sorted(wanted, key=str)


def _held(objects: list[Manifest], account: str) -> list[tuple[str | None, Any]]:
    """Namespace (None for all) and rules of everything that is bound to a ServiceAccount of the release."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}
    held = []
    for binding in of_kind(objects, "RoleBinding", "ClusterRoleBinding"):
        if subject not in binding["subjects"]:
            continue
        namespace = binding["metadata"].get("namespace")
        roles = of_kind(objects, binding["roleRef"]["kind"])
        at = (namespace, binding["roleRef"]["name"])
        role = next(each for each in roles if (each["metadata"].get("namespace"), each["metadata"]["name"]) == at)
        held.append((namespace, _plain(role["rules"])))
    return held


def _plain(granted: list[Manifest]) -> list[tuple[str, ...]]:
    return sorted(
        (group, resource, *rule.get("resourceNames", ()), verb)
        for rule in granted
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    )


@every_scope
def test_what_uninstalls_sees_the_same_namespaces_and_may_do_little(
    helm: Helm, values: Manifest, namespaces: tuple[str, ...]
) -> None:
    held = _held(helm.objects(values), "parley-operator-uninstall")
    assert {where for where, _ in held} == {*(namespaces or (None,)), NAMESPACE}
    verbs = {rule[-1] for _, granted in held for rule in granted}
    assert verbs == {"get", "list", "patch"}
    assert not any(rule[:2] == ("", "secrets") for _, granted in held for rule in granted)


def test_without_the_definition_a_release_for_one_namespace_makes_nothing_for_the_whole_cluster(helm: Helm) -> None:
    objects = helm.objects({"watchReleaseNamespace": True, "crds": {"install": False}})
    assert of_kind(objects, "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition") == []


@every_scope
@pytest.mark.parametrize("replicas", [1, 2])
def test_the_deployment_is_that_of_an_installation_without_helm(
    helm: Helm, values: Manifest, namespaces: tuple[str, ...], replicas: int
) -> None:
    wanted = installation(OPERATOR_IMAGE, SERVICES_IMAGE, NAMESPACE, namespaces, replicas)[-1]
    made = chosen(helm.objects({**values, "replicaCount": replicas}), "Deployment")
    assert made["metadata"]["name"] == wanted["metadata"]["name"]
    assert made["metadata"]["labels"].items() >= wanted["metadata"]["labels"].items()
    assert made["spec"]["replicas"] == wanted["spec"]["replicas"]
    assert made["spec"]["strategy"] == wanted["spec"]["strategy"]
    _same_pods(made["spec"]["template"], wanted["spec"]["template"])


def _same_pods(made: Manifest, wanted: Manifest) -> None:
    assert made["metadata"]["annotations"] == wanted["metadata"]["annotations"]
    assert made["metadata"]["labels"].items() >= wanted["metadata"]["labels"].items()
    own, others = made["spec"]["containers"][0], wanted["spec"]["containers"][0]
    environment = {entry["name"]: entry for entry in own.pop("env")}
    assert environment.items() >= {entry["name"]: entry for entry in others.pop("env")}.items()
    defaults = {"PARLEY_OPERATOR_LEASE_NAME": "parley-operator", "PARLEY_OPERATOR_LOG_LEVEL": "info"}
    added = {name: entry["value"] for name, entry in environment.items() if name in defaults}
    assert added == defaults
    assert own == others
    rest = {key: value for key, value in made["spec"].items() if key != "affinity"}
    assert rest | {"containers": []} == wanted["spec"] | {"containers": []}


def test_what_the_chart_adds_to_the_environment_are_settings_with_their_defaults(helm: Helm) -> None:
    made = chosen(helm.objects(), "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    said = {entry["name"]: entry.get("value") for entry in made}
    for name in ("lease_name", "log_level"):
        assert said[f"PARLEY_OPERATOR_{name.upper()}"] == OperatorSettings.model_fields[name].default


def test_more_than_one_pod_has_no_readiness_since_standbys_do_nothing(helm: Helm) -> None:
    def container(replicas: int) -> Manifest:
        made = chosen(helm.objects({"replicaCount": replicas}), "Deployment")
        found: Manifest = made["spec"]["template"]["spec"]["containers"][0]
        return found

    assert "readinessProbe" in container(1)
    assert "readinessProbe" not in container(2)


def test_pods_prefer_different_nodes_unless_told_otherwise(helm: Helm) -> None:
    def spec(**values: Any) -> Manifest:
        found: Manifest = chosen(helm.objects(values), "Deployment")["spec"]["template"]["spec"]
        return found

    assert "podAntiAffinity" in spec()["affinity"]
    assert spec(affinity={"nodeAffinity": {}})["affinity"] == {"nodeAffinity": {}}
    constraint = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}
    assert "affinity" not in spec(topologySpreadConstraints=[constraint])


def test_a_spread_counts_the_operators_pods_unless_it_names_others(helm: Helm) -> None:
    zone = {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}
    others = zone | {"labelSelector": {"matchLabels": {"app": "other"}}}
    deployment = chosen(helm.objects({"topologySpreadConstraints": [zone, others]}), "Deployment")
    pods = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert pods[0] == zone | {"labelSelector": deployment["spec"]["selector"]}
    assert pods[1] == others


def test_metrics_are_never_counted_twice(helm: Helm) -> None:
    monitored = helm.objects({"metrics": {"podMonitor": {"enabled": True}}})
    assert "annotations" not in chosen(monitored, "Deployment")["spec"]["template"]["metadata"]
    both = {"podMonitor": {"enabled": True}, "serviceMonitor": {"enabled": True}}
    assert "metrics.podMonitor.enabled are both true" in helm.refusal({"metrics": both})


def test_a_service_monitor_finds_the_service_of_metrics(helm: Helm) -> None:
    objects = helm.objects({"metrics": {"serviceMonitor": {"enabled": True}}})
    wanted = chosen(objects, "ServiceMonitor")["spec"]["selector"]["matchLabels"]
    found = [each for each in of_kind(objects, "Service") if wanted.items() <= each["metadata"]["labels"].items()]
    assert [each["metadata"]["name"] for each in found] == ["parley-operator-metrics"]
    assert [port["name"] for port in found[0]["spec"]["ports"]] == ["http"]

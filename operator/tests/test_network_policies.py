"""Pods reach what their role needs, and nothing else."""

from typing import Any

from inputs_example import inputs_of, spec_of

from parley.contract import ROLES
from parley_operator.desired.network_policies import network_policies


def _outward(**components: Any) -> dict[str, set[int]]:
    """The ports that pods of each role may connect to."""
    made = network_policies(inputs_of(spec_of(components=components)))
    policies = {policy["metadata"]["name"].rpartition("-")[2]: policy["spec"] for policy in made}
    return {
        role: {port["port"] for rule in policies[role]["egress"] for port in rule.get("ports", [])} for role in ROLES
    }


def test_a_component_reaches_the_collector_that_its_environment_names() -> None:
    traced = {"env": [{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.observability:4318"}]}
    without, with_traces = _outward(), _outward(gateway=traced)
    assert with_traces["gateway"] == without["gateway"] | {4318}
    assert all(with_traces[role] == without[role] for role in ROLES if role != "gateway")


def test_an_endpoint_without_a_port_has_that_of_its_scheme() -> None:
    traced = {"env": [{"name": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "value": "https://otel.example.com/v1/traces"}]}
    assert 443 in _outward(chat=traced)["chat"]

"""The alerts of a ChatCluster as an object of the Prometheus operator."""

from parley_operator.desired.inputs import MONITORING_API, Inputs, Manifest
from parley_operator.desired.monitoring.alert import rule_group
from parley_operator.desired.monitoring.gateway_alerts import gateway_alerts
from parley_operator.desired.monitoring.labelled import labelled
from parley_operator.desired.monitoring.log_alerts import log_alerts
from parley_operator.desired.monitoring.message_alerts import message_alerts
from parley_operator.desired.monitoring.pod_alerts import pod_alerts
from parley_operator.desired.monitoring.selection import selection


def prometheus_rule(inputs: Inputs) -> Manifest:
    """The PrometheusRule."""
    return {
        "apiVersion": MONITORING_API,
        "kind": "PrometheusRule",
        "metadata": labelled(inputs, "alerts", inputs.spec.monitoring.labels or {}),
        "spec": {"groups": rule_groups(inputs)},
    }


def rule_groups(inputs: Inputs) -> list[Manifest]:
    """Every alert says which ChatCluster it is about, since sums keep no label that would tell."""
    of = selection(inputs)
    named = {"namespace": inputs.namespace, "chatcluster": inputs.name}
    parts = {
        "messages": message_alerts(of),
        "gateways": gateway_alerts(of),
        "logs": log_alerts(of),
        "pods": pod_alerts(of),
    }
    return [
        rule_group(f"parley-{inputs.namespace}-{inputs.name}-{part}", alerts, named) for part, alerts in parts.items()
    ]

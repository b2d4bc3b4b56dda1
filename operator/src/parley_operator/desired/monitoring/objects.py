"""What is made for Prometheus and Grafana."""

from parley_operator.desired.inputs import MONITORING_API, Inputs, Manifest
from parley_operator.desired.monitoring.dashboards import dashboards
from parley_operator.desired.monitoring.pod_monitor import pod_monitor
from parley_operator.desired.monitoring.prometheus_rule import prometheus_rule


def monitoring(inputs: Inputs) -> list[Manifest]:
    """Objects for the Prometheus operator where its API is, and the dashboards when they are asked for."""
    asked = inputs.spec.monitoring
    found = []
    if asked.enabled and MONITORING_API in inputs.around.apis:
        found += [pod_monitor(inputs), prometheus_rule(inputs)]
    if asked.dashboards:
        found.append(dashboards(inputs))
    return found

"""How Prometheus finds the pods."""

from parley.contract import METRICS_PATH
from parley_operator.desired.inputs import MONITORING_API, Inputs, Manifest
from parley_operator.desired.monitoring.labelled import labelled
from parley_operator.desired.names import selector


def pod_monitor(inputs: Inputs) -> Manifest:
    """All pods of the ChatCluster, at their port for probes and metrics."""
    asked = inputs.spec.monitoring
    endpoint = {"port": "admin", "path": METRICS_PATH, "interval": f"{asked.interval_seconds}s"}
    return {
        "apiVersion": MONITORING_API,
        "kind": "PodMonitor",
        "metadata": labelled(inputs, "services", asked.labels or {}),
        "spec": {"selector": {"matchLabels": selector(inputs)}, "podMetricsEndpoints": [endpoint]},
    }

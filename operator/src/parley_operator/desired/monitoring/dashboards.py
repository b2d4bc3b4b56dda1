"""The dashboards of a ChatCluster in a ConfigMap, which Grafana's sidecar finds."""

from parley_operator.desired.digest import digest
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.desired.monitoring.gateways_dashboard import gateways_dashboard
from parley_operator.desired.monitoring.labelled import labelled
from parley_operator.desired.monitoring.panel import dashboard_text
from parley_operator.desired.monitoring.platform_dashboard import platform_dashboard
from parley_operator.desired.monitoring.selection import selection


def dashboards(inputs: Inputs) -> Manifest:
    """The ConfigMap. A sidecar writes the files of all namespaces into one folder, so their names tell them apart."""
    of = selection(inputs)
    place = digest([inputs.namespace, inputs.name])
    made = {"platform": platform_dashboard(of, place), "gateways": gateways_dashboard(of, place)}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": labelled(inputs, "dashboard", {"grafana_dashboard": "1"}),
        "data": {
            f"parley-{inputs.namespace}-{inputs.name}-{name}.json": dashboard_text(board)
            for name, board in made.items()
        },
    }

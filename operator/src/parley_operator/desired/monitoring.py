"""What Prometheus and Grafana need, where they are: a PodMonitor, alerts with what to do, a dashboard."""

import json
from typing import Final

from parley.contract import METRICS_PATH
from parley_operator.desired.inputs import MONITORING_API, Inputs, Manifest
from parley_operator.desired.names import child, metadata, selector

_DELIVERY: Final = "parley_stage_seconds_bucket"
_DELIVERED: Final = 'stage="deliver"'
_PANELS: Final = (
    ("Open connections", "sum(parley_connections{%s})"),
    ("Messages acknowledged each second", "sum(rate(parley_messages_accepted_total{%s}[5m]))"),
    ("Records that consumers have before them", "sum by (topic) (parley_consumer_lag{%s})"),
    (
        "Delivery, 99th percentile in seconds",
        'histogram_quantile(0.99, sum by (le) (rate(parley_stage_seconds_bucket{stage="deliver",%s}[5m])))',
    ),
)


def monitoring(inputs: Inputs) -> list[Manifest]:
    """Objects for the Prometheus operator where its API is, and the dashboard when it is asked for."""
    asked = inputs.spec.monitoring
    found = []
    if asked.enabled and MONITORING_API in inputs.around.apis:
        found += [_pod_monitor(inputs), _prometheus_rule(inputs)]
    if asked.dashboards:
        found.append(_dashboard(inputs))
    return found


def _labelled(inputs: Inputs, suffix: str, more: dict[str, str]) -> Manifest:
    made = metadata(inputs, suffix)
    return {**made, "labels": {**more, **made["labels"]}}


def _pods(inputs: Inputs) -> str:
    return f'namespace="{inputs.namespace}",pod=~"{inputs.name}-.*"'


def _pod_monitor(inputs: Inputs) -> Manifest:
    asked = inputs.spec.monitoring
    endpoint = {"port": "admin", "path": METRICS_PATH, "interval": f"{asked.interval_seconds}s"}
    return {
        "apiVersion": MONITORING_API,
        "kind": "PodMonitor",
        "metadata": _labelled(inputs, "services", asked.labels or {}),
        "spec": {"selector": {"matchLabels": selector(inputs)}, "podMetricsEndpoints": [endpoint]},
    }


def _prometheus_rule(inputs: Inputs) -> Manifest:
    pods = _pods(inputs)
    alerts = [
        (
            "ParleyDeadLetters",
            f"sum(increase(parley_dead_letters_total{{{pods}}}[10m])) > 0",
            "Records were set aside because they could not be read; see the sequencer's log for their offsets.",
        ),
        (
            "ParleyConsumerLag",
            f"sum(parley_consumer_lag{{{pods}}}) > 10000",
            "Consumers fall behind: messages are late. Raise their replicas, or look for a slow message store.",
        ),
        (
            "ParleySlowDelivery",
            f"histogram_quantile(0.99, sum by (le) (rate({_DELIVERY}{{{_DELIVERED},{pods}}}[10m]))) > 0.3",
            "Messages take longer than 300 ms to online people; compare the stages in parley_stage_seconds.",
        ),
    ]
    rules = [
        {
            "alert": name,
            "expr": expression,
            "for": "10m",
            "labels": {"severity": "warning"},
            "annotations": {"summary": text},
        }
        for name, expression, text in alerts
    ]
    return {
        "apiVersion": MONITORING_API,
        "kind": "PrometheusRule",
        "metadata": _labelled(inputs, "alerts", inputs.spec.monitoring.labels or {}),
        "spec": {"groups": [{"name": f"parley-{inputs.namespace}-{inputs.name}", "rules": rules}]},
    }


def _dashboard(inputs: Inputs) -> Manifest:
    panels = [
        {
            "id": number + 1,
            "type": "timeseries",
            "title": title,
            "gridPos": {"h": 8, "w": 12, "x": 12 * (number % 2), "y": 8 * (number // 2)},
            "targets": [{"expr": expression.replace("%s", _pods(inputs)), "refId": "A"}],
        }
        for number, (title, expression) in enumerate(_PANELS)
    ]
    dashboard = {"title": f"Parley {inputs.namespace}/{inputs.name}", "panels": panels, "schemaVersion": 39}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _labelled(inputs, "dashboard", {"grafana_dashboard": "1"}),
        "data": {f"{child(inputs, 'parley')}.json": json.dumps(dashboard, indent=1, sort_keys=True)},
    }

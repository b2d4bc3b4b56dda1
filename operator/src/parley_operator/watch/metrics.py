"""The operator's own metrics, under the names that controller-runtime gave them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY: Final = CollectorRegistry()
CONTROLLER: Final = "chatcluster"

RECONCILES: Final = Counter(
    "controller_runtime_reconcile_total", "Passes, by how they ended", ["controller", "result"], registry=REGISTRY
)
RECONCILE_ERRORS: Final = Counter(
    "controller_runtime_reconcile_errors_total", "Passes that failed", ["controller"], registry=REGISTRY
)
RECONCILE_SECONDS: Final = Histogram(
    "controller_runtime_reconcile_time_seconds", "Length of a pass", ["controller"], registry=REGISTRY
)
ACTIVE_WORKERS: Final = Gauge(
    "controller_runtime_active_workers", "ChatClusters that are worked on now", ["controller"], registry=REGISTRY
)
QUEUE_DEPTH: Final = Gauge("workqueue_depth", "ChatClusters that wait", ["name"], registry=REGISTRY)
QUEUE_ADDS: Final = Counter("workqueue_adds_total", "Times that a ChatCluster was queued", ["name"], registry=REGISTRY)
QUEUE_RETRIES: Final = Counter(
    "workqueue_retries_total", "Times that a ChatCluster was queued again after a failure", ["name"], registry=REGISTRY
)
LEADER: Final = Gauge(
    "leader_election_master_status", "1 while this process is the active one", ["name"], registry=REGISTRY
)
WATCH_EVENTS: Final = Counter("parley_operator_watch_events_total", "Words from watches", ["kind"], registry=REGISTRY)
WATCH_OWED_SECONDS: Final = Gauge(
    "parley_operator_watch_owed_seconds",
    "Seconds for which a watch has not told of a change that was found without it; 0 when all is well",
    registry=REGISTRY,
)
CLUSTERS: Final = Gauge("parley_operator_clusters", "ChatClusters that are known", registry=REGISTRY)

_CLUSTER_LABELS: Final = ("chatcluster_namespace", "chatcluster")
"""Not `namespace`: Prometheus gives that name to the operator's own, and would rename ours."""
_STATUSES: Final = ("True", "False", "Unknown")
CONDITION: Final = Gauge(
    "parley_operator_condition",
    "1 for the status that a condition of a ChatCluster has, 0 for those that it has not",
    [*_CLUSTER_LABELS, "type", "status"],
    registry=REGISTRY,
)


def show_conditions(namespace: str, name: str, conditions: Iterable[Mapping[str, Any]]) -> None:
    """Give the conditions of a ChatCluster, and no others that it had before; none when it is gone."""
    CONDITION.remove_by_labels(dict(zip(_CLUSTER_LABELS, (namespace, name), strict=True)))
    for condition in conditions:
        for status in _STATUSES:
            CONDITION.labels(namespace, name, condition["type"], status).set(condition["status"] == status)


def exposition() -> bytes:
    """All of them in Prometheus' text format."""
    return generate_latest(REGISTRY)

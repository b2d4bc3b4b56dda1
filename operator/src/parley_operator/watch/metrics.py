"""The operator's own metrics, under the names that controller-runtime gave them."""

from typing import Final

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
CLUSTERS: Final = Gauge("parley_operator_clusters", "ChatClusters that are known", registry=REGISTRY)


def exposition() -> bytes:
    """All of them in Prometheus' text format."""
    return generate_latest(REGISTRY)

"""The operator's own metrics, under the names that controller-runtime gave them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

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


class ConditionCollector(Collector):
    """Conditions as they were shown last: made into samples when somebody asks, since there are thousands of them."""

    name = "parley_operator_condition"
    labels = (*_CLUSTER_LABELS, "type", "status")

    def __init__(self) -> None:
        """Begin with none."""
        self.shown: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        text = "1 for the status that a condition of a ChatCluster has, 0 for those that it has not"
        family = GaugeMetricFamily(self.name, text, labels=self.labels)
        for cluster, conditions in self.shown.items():
            for kind, held in conditions:
                for status in _STATUSES:
                    family.add_metric([*cluster, kind, status], float(status == held))
        yield family


CONDITIONS: Final = ConditionCollector()
REGISTRY.register(CONDITIONS)


def show_conditions(namespace: str, name: str, conditions: Iterable[Mapping[str, Any]]) -> None:
    """Give the conditions of a ChatCluster, and no others that it had before; none when it is gone."""
    shown = tuple((str(each["type"]), str(each["status"])) for each in conditions)
    if shown:
        CONDITIONS.shown[namespace, name] = shown
    else:
        CONDITIONS.shown.pop((namespace, name), None)


def exposition() -> bytes:
    """All of them in Prometheus' text format."""
    return generate_latest(REGISTRY)

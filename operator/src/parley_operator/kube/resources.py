"""The kinds of objects that the operator deals with, and where the API server has them."""

from dataclasses import dataclass
from typing import Any, Final

from parley_operator.desired.inputs import GATEWAY_API, KEDA_API, MONITORING_API
from parley_operator.model.chat_cluster import API_VERSION, KIND, PLURAL


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object. `optional` says that its API may be missing."""

    api_version: str
    kind: str
    plural: str
    optional: bool = False

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version in the group."""
        return self.api_version.rpartition("/")[2]

    def path(self, namespace: str | None, name: str = "", subresource: str = "") -> str:
        """The path of an object, or of all in a namespace, or in all namespaces."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        scope = f"/namespaces/{namespace}" if namespace else ""
        rest = "".join(f"/{part}" for part in (name, subresource) if part)
        return f"{root}{scope}/{self.plural}{rest}"


CHAT_CLUSTERS: Final = Resource(API_VERSION, KIND, PLURAL)
CONFIG_MAPS: Final = Resource("v1", "ConfigMap", "configmaps")
SERVICE_ACCOUNTS: Final = Resource("v1", "ServiceAccount", "serviceaccounts")
SERVICES: Final = Resource("v1", "Service", "services")
SECRETS: Final = Resource("v1", "Secret", "secrets")
PODS: Final = Resource("v1", "Pod", "pods")
EVENTS: Final = Resource("v1", "Event", "events")
NAMESPACES: Final = Resource("v1", "Namespace", "namespaces")
STATEFUL_SETS: Final = Resource("apps/v1", "StatefulSet", "statefulsets")
DEPLOYMENTS: Final = Resource("apps/v1", "Deployment", "deployments")
CONTROLLER_REVISIONS: Final = Resource("apps/v1", "ControllerRevision", "controllerrevisions")
DISRUPTION_BUDGETS: Final = Resource("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets")
AUTOSCALERS: Final = Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
NETWORK_POLICIES: Final = Resource("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies")
INGRESSES: Final = Resource("networking.k8s.io/v1", "Ingress", "ingresses")
LEASES: Final = Resource("coordination.k8s.io/v1", "Lease", "leases")
HTTP_ROUTES: Final = Resource(GATEWAY_API, "HTTPRoute", "httproutes", optional=True)
SCALED_OBJECTS: Final = Resource(KEDA_API, "ScaledObject", "scaledobjects", optional=True)
POD_MONITORS: Final = Resource(MONITORING_API, "PodMonitor", "podmonitors", optional=True)
PROMETHEUS_RULES: Final = Resource(MONITORING_API, "PrometheusRule", "prometheusrules", optional=True)

CHILDREN: Final = (
    CONFIG_MAPS,
    SERVICE_ACCOUNTS,
    SERVICES,
    STATEFUL_SETS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    AUTOSCALERS,
    NETWORK_POLICIES,
    INGRESSES,
    HTTP_ROUTES,
    SCALED_OBJECTS,
    POD_MONITORS,
    PROMETHEUS_RULES,
)
"""What a ChatCluster consists of."""

_BY_KIND: Final = {(each.api_version, each.kind): each for each in CHILDREN}


def resource_of(manifest: dict[str, Any]) -> Resource:
    """The kind that a child's manifest is of."""
    return _BY_KIND[manifest["apiVersion"], manifest["kind"]]

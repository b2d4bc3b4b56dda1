"""Examples of rules about components and their pods."""

from typing import Final

from rule_example import Example

from parley_operator.model.autoscaling import Autoscaling
from parley_operator.model.component import Component, Toleration
from parley_operator.model.pod_template import PodMetadata, Resources, Variable, VariableSource, Volume

_METRIC: Final = {"name": "queue", "averageValue": "10"}
_PROMETHEUS: Final = {"serverAddress": "http://prometheus:9090"}
_REFERENCE: Final = {"name": "settings", "key": "one"}

AUTOSCALING: Final = (
    Example(
        Autoscaling,
        "minReplicas must not be larger",
        accepted=[{"minReplicas": 3, "maxReplicas": 3}],
        refused=[{"minReplicas": 4, "maxReplicas": 3}],
        says="minReplicas (4) must not be larger than maxReplicas (3)",
    ),
    Example(
        Autoscaling,
        "maxReplicas must be set",
        accepted=[{"mode": "operator", "maxReplicas": 3}, {"mode": "none"}],
        refused=[{"mode": "operator"}, {"mode": "hpa"}],
    ),
    Example(
        Autoscaling,
        "metric is only used with mode hpa",
        always={"maxReplicas": 3, "metric": _METRIC},
        accepted=[{"mode": "hpa"}],
        refused=[{"mode": "operator"}, {"mode": "none"}],
    ),
    Example(
        Autoscaling,
        "prometheus is only used with mode keda",
        always={"maxReplicas": 3, "prometheus": _PROMETHEUS},
        accepted=[{"mode": "keda"}],
        refused=[{"mode": "hpa"}, {"mode": "none"}],
    ),
    Example(
        Autoscaling,
        "mode keda needs something to measure",
        always={"mode": "keda", "maxReplicas": 3},
        accepted=[{"prometheus": _PROMETHEUS}, {"targetCpuPercent": 50}],
        refused=[{}, {"targetConnections": 1000}],
    ),
    Example(
        Autoscaling,
        "only one of metric and targetCpuPercent",
        always={"mode": "hpa", "maxReplicas": 3},
        accepted=[{}, {"metric": _METRIC}, {"targetCpuPercent": 50}],
        refused=[{"metric": _METRIC, "targetCpuPercent": 50}],
    ),
    Example(
        Autoscaling,
        "minReplicas must be at least 1",
        accepted=[{"minReplicas": 1}],
        refused=[{"minReplicas": 0}],
    ),
)

COMPONENT: Final = (
    Example(
        Component,
        "replicas must not be larger than autoscaling.maxReplicas",
        always={"replicas": 4},
        accepted=[
            {"autoscaling": {"mode": "hpa", "maxReplicas": 4}},
            {"autoscaling": {"mode": "none", "maxReplicas": 3}},
        ],
        refused=[{"autoscaling": {"mode": "hpa", "maxReplicas": 3}}],
    ),
    Example(
        Component,
        "env: variables that begin with PARLEY_",
        accepted=[{"env": [{"name": "PARLEY_LOG_LEVEL", "value": "debug"}, {"name": "MINE", "value": "1"}]}],
        refused=[{"env": [{"name": "MINE", "value": "1"}, {"name": "PARLEY_GROUP_MEMBERS", "value": "7"}]}],
    ),
    Example(
        Toleration,
        "value may not be set when operator is Exists",
        always={"key": "dedicated"},
        accepted=[{"operator": "Exists"}, {"operator": "Equal", "value": "chat"}, {"value": "chat"}],
        refused=[{"operator": "Exists", "value": "chat"}],
    ),
    Example(
        Toleration,
        "operator must be Exists when key is not set",
        accepted=[{"operator": "Exists"}, {"key": "dedicated"}],
        refused=[{"operator": "Equal", "value": "chat"}, {"value": "chat"}],
    ),
)

PODS: Final = (
    Example(
        Resources,
        "requests.cpu must not be larger",
        accepted=[{"requests.cpu": "1000m", "limits.cpu": "1"}, {"requests.cpu": "2"}],
        refused=[{"requests.cpu": "1001m", "limits.cpu": "1"}],
    ),
    Example(
        Resources,
        "requests.memory must not be larger",
        accepted=[{"requests.memory": "1024Mi", "limits.memory": "1Gi"}, {"requests.memory": "2Gi"}],
        refused=[{"requests.memory": "1025Mi", "limits.memory": "1Gi"}],
    ),
    Example(
        Variable,
        "only one of value and valueFrom",
        always={"name": "MINE"},
        accepted=[{"value": "1"}, {"valueFrom.secretKeyRef": _REFERENCE}, {}],
        refused=[{"value": "1", "valueFrom.secretKeyRef": _REFERENCE}],
    ),
    Example(
        VariableSource,
        "exactly one of secretKeyRef, configMapKeyRef and fieldRef",
        always={"spec.components.chat.env.0.name": "MINE"},
        accepted=[{"configMapKeyRef": _REFERENCE}, {"fieldRef.fieldPath": "status.podIP"}],
        refused=[{"secretKeyRef": _REFERENCE, "configMapKeyRef": _REFERENCE}, {"fieldRef": None}],
    ),
    Example(
        Volume,
        "exactly one of secret, configMap and emptyDir",
        always={"name": "more"},
        accepted=[{"secret.secretName": "files"}, {"configMap.name": "files"}, {"emptyDir": {}}],
        refused=[{}, {"configMap.name": "files", "emptyDir": {}}],
    ),
    Example(
        PodMetadata,
        "labels that begin with app.kubernetes.io/",
        accepted=[{"labels": {"example.com/team": "chat"}}],
        refused=[{"labels": {"app.kubernetes.io/name": "mine"}}],
    ),
)

COMPONENTS: Final = (*AUTOSCALING, *COMPONENT, *PODS)

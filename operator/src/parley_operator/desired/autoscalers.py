"""HorizontalPodAutoscalers, and ScaledObjects where KEDA is: one at most for each component."""

from typing import Any, Final

from parley.contract import ROLES
from parley_operator.desired.inputs import KEDA_API, Inputs, Manifest
from parley_operator.desired.names import child, metadata
from parley_operator.desired.pod import drain_seconds
from parley_operator.desired.sizing import CONSUMERS, bounds, target_connections
from parley_operator.desired.workloads import GATEWAY
from parley_operator.model.autoscaling import Autoscaling, ScalingRules

CPU_PERCENT: Final = 70
TARGET_LAG: Final = 1000
_UP_S, _DOWN_S = 0, 300
_MOST_PERIOD_S: Final = 1800


def autoscalers(inputs: Inputs) -> list[Manifest]:
    """The objects that own the number of pods of their components."""
    found = []
    for role in ROLES:
        autoscaling = inputs.spec.component(role).autoscaling
        if autoscaling and autoscaling.mode == "hpa":
            found.append(_horizontal_pod_autoscaler(inputs, role, autoscaling))
        elif autoscaling and autoscaling.mode == "keda" and KEDA_API in inputs.around.apis:
            found.append(_scaled_object(inputs, role, autoscaling))
    return found


def scaled_by_others(inputs: Inputs, role: str) -> bool:
    """Whether an object owns the number of pods, so that the operator must not touch it."""
    autoscaling = inputs.spec.component(role).autoscaling
    if autoscaling is None:
        return False
    return autoscaling.mode == "hpa" or (autoscaling.mode == "keda" and KEDA_API in inputs.around.apis)


def _target(inputs: Inputs, role: str) -> Manifest:
    kind = "StatefulSet" if role == GATEWAY else "Deployment"
    return {"apiVersion": "apps/v1", "kind": kind, "name": child(inputs, role)}


def _horizontal_pod_autoscaler(inputs: Inputs, role: str, autoscaling: Autoscaling) -> Manifest:
    least, most = bounds(inputs.spec, role)
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(inputs, role, role),
        "spec": {
            "scaleTargetRef": _target(inputs, role),
            "minReplicas": least,
            "maxReplicas": most,
            "metrics": [_metric(autoscaling)],
            "behavior": behavior(inputs, role),
        },
    }


def _metric(autoscaling: Autoscaling) -> Manifest:
    if autoscaling.metric:
        target = {"type": "AverageValue", "averageValue": autoscaling.metric.average_value}
        return {"type": "Pods", "pods": {"metric": {"name": autoscaling.metric.name}, "target": target}}
    percent = autoscaling.target_cpu_percent or CPU_PERCENT
    target = {"type": "Utilization", "averageUtilization": percent}  # type: ignore[dict-item]
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def behavior(inputs: Inputs, role: str) -> Manifest:
    """How fast the number may change; gateways go down one in the time that a drain takes."""
    component = inputs.spec.component(role)
    asked = component.autoscaling or Autoscaling()
    down = _rules(asked.behavior.scale_down, _DOWN_S)
    if role == GATEWAY:
        period = min(_MOST_PERIOD_S, max(asked.behavior.scale_down.period_seconds, drain_seconds(component)))
        down |= {"policies": [{"type": "Pods", "value": 1, "periodSeconds": period}], "selectPolicy": "Max"}
    return {"scaleUp": _rules(asked.behavior.scale_up, _UP_S), "scaleDown": down}


def _rules(rules: ScalingRules, window_s: int) -> dict[str, Any]:
    window = rules.stabilization_window_seconds
    policies = [
        {"type": kind, "value": value, "periodSeconds": rules.period_seconds}
        for kind, value in (("Pods", rules.pods), ("Percent", rules.percent))
        if value
    ]
    default = [
        {"type": "Percent", "value": 100, "periodSeconds": 15},
        {"type": "Pods", "value": 4, "periodSeconds": 15},
    ]
    return {
        "stabilizationWindowSeconds": window_s if window is None else window,
        "selectPolicy": "Max",
        "policies": policies or default,
    }


def _scaled_object(inputs: Inputs, role: str, autoscaling: Autoscaling) -> Manifest:
    least, most = bounds(inputs.spec, role)
    return {
        "apiVersion": KEDA_API,
        "kind": "ScaledObject",
        "metadata": metadata(inputs, role, role),
        "spec": {
            "scaleTargetRef": _target(inputs, role),
            "minReplicaCount": least,
            "maxReplicaCount": most,
            "triggers": _triggers(inputs, role, autoscaling),
            "advanced": {
                "restoreToOriginalReplicaCount": False,
                "horizontalPodAutoscalerConfig": {"behavior": behavior(inputs, role)},
            },
        },
    }


def _triggers(inputs: Inputs, role: str, autoscaling: Autoscaling) -> list[Manifest]:
    found = []
    if autoscaling.prometheus:
        chosen = f'namespace="{inputs.namespace}",pod=~"{child(inputs, role)}-.*"'
        metric, wanted = (
            ("parley_connections", target_connections(inputs.spec.component(role)))
            if role == GATEWAY
            else ("parley_consumer_lag", autoscaling.target_lag or TARGET_LAG)
        )
        if role == GATEWAY or role in CONSUMERS:
            details = {
                "serverAddress": autoscaling.prometheus.server_address,
                "query": f"sum({metric}{{{chosen}}})",
                "threshold": str(wanted),
            }
            found.append({"type": "prometheus", "metadata": details})
    if autoscaling.target_lag and not autoscaling.prometheus:
        kafka = inputs.spec.kafka
        details = {
            "bootstrapServers": ",".join(kafka.bootstrap_servers),
            "consumerGroup": f"{kafka.topics.prefix}{role}",
            "lagThreshold": str(autoscaling.target_lag),
        }
        found.append({"type": "kafka", "metadata": details})
    if autoscaling.target_cpu_percent or not found:
        value = str(autoscaling.target_cpu_percent or CPU_PERCENT)
        found.append({"type": "cpu", "metricType": "Utilization", "metadata": {"value": value}})
    return found

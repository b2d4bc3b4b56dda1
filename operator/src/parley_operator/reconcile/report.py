"""The status, from what was found out; pure but for the time, which is handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from parley.contract import ROLES, SOCKET_PATH
from parley_operator.desired.autoscalers import scaled_by_others
from parley_operator.desired.inputs import KEDA_API, Inputs
from parley_operator.desired.names import PUBLIC_PORT, child, selector, selector_text
from parley_operator.desired.routes import external_url
from parley_operator.desired.sizing import CONSUMERS, partitions, wanted_replicas
from parley_operator.desired.workloads import GATEWAY
from parley_operator.external.part import Known
from parley_operator.external.pod_metrics import PodMetrics
from parley_operator.reconcile.child_state import ChildState, Ref, condition
from parley_operator.reconcile.conditions import Finding, aggregate, stamped
from parley_operator.reconcile.replicas import pods_of, workload_ref
from parley_operator.reconcile.rollout import Decision

_EXTERNAL: Final = {
    "kafka": ("KafkaReady", "Kafka"),
    "cql": ("SchemaReady", "the message store"),
    "redis": ("RedisReady", "Redis"),
}
_LONGEST_LINE: Final = 4096
_MOST_LINES: Final = 64


@dataclass(frozen=True, slots=True)
class Report:
    """What a pass found out about a ChatCluster."""

    inputs: Inputs
    generation: int
    children: Mapping[Ref, ChildState]
    known: Mapping[str, Known]
    metrics: Mapping[str, PodMetrics]
    scaling: Mapping[str, str] = field(default_factory=dict)
    rollout: Decision | None = None
    rolled_back: str = ""
    missing_secrets: Sequence[str] = ()
    apply_errors: Sequence[str] = ()
    update_pending: str = ""


def status_of(report: Report, before: Mapping[str, Any], now: str) -> dict[str, Any]:
    """The whole status; `before` is the last one, for the times of its conditions."""
    inputs = report.inputs
    components = [_component(report, role) for role in ROLES]
    empty = [each["name"] for each in components if each["ready"] == 0]
    parts = _parts(report, components)
    findings = [
        *aggregate(parts, available=not empty, unavailable=f"no pod is ready of {', '.join(empty)}"),
        *parts,
        _update_pending(report),
        _paused(report),
    ]
    gateway = components[0]
    status: dict[str, Any] = {
        "observedGeneration": report.generation,
        "phase": _phase(findings, first=not _was_available(before)),
        "conditions": stamped(findings, before.get("conditions") or [], now, report.generation),
        "components": components,
        "gateways": f"{gateway['ready']}/{gateway['desired']}",
        "replicas": gateway["desired"],
        "selector": selector_text(selector(inputs, GATEWAY)),
        "version": inputs.version,
        "sizing": {
            "size": inputs.sizing.size,
            "partitions": partitions(inputs.spec),
            "replicas": {role: wanted_replicas(inputs.spec, role) for role in ROLES},
        },
        "topics": _external(report.known["kafka"], f"{inputs.spec.kafka.topics.prefix}*"),
        "keyspace": _external(report.known["cql"], inputs.spec.cql.keyspace),
        "endpoints": _endpoints(inputs),
    }
    if report.metrics:
        status["connections"] = sum(each.connections for each in report.metrics.values())
        status["lag"] = sum(each.lag for each in report.metrics.values())
    rollout = report.rollout
    if rollout is not None and rollout.stage != "Done":
        message = _line(rollout.message)
        status["rollout"] = {"revision": gateway["revision"], "stage": rollout.stage, "message": message}
    elif report.rolled_back:
        status["rollout"] = {"revision": gateway["revision"], "stage": "RolledBack", "message": report.rolled_back}
    return status


def invalid_status(generation: int, message: str, before: Mapping[str, Any], now: str) -> dict[str, Any]:
    """The status of a spec that cannot be carried out; what runs goes on, and is still told."""
    kept = {key: value for key, value in before.items() if key not in {"conditions", "observedGeneration", "phase"}}
    findings = [Finding("SpecValid", "False", "Invalid", message), Finding("Degraded", "True", "Invalid", message)]
    made = stamped(findings, before.get("conditions") or [], now, generation)
    others = [each for each in before.get("conditions") or [] if each["type"] not in {"SpecValid", "Degraded"}]
    return {**kept, "observedGeneration": generation, "phase": "Degraded", "conditions": [*others, *made]}


def first_status(generation: int, now: str) -> dict[str, Any]:
    """What is said at once, before anything is done."""
    findings = [
        Finding("Available", "False", "Checking", "the ChatCluster was seen; its objects are being made"),
        Finding("Progressing", "True", "Applying", "objects are being made"),
    ]
    return {
        "observedGeneration": generation,
        "phase": "Provisioning",
        "conditions": stamped(findings, [], now, generation),
    }


def deleting_status(generation: int, message: str, before: Mapping[str, Any], now: str) -> dict[str, Any]:
    """What is said while it is being deleted."""
    findings = [Finding("Progressing", "True", "Deleting", message)]
    made = stamped(findings, before.get("conditions") or [], now, generation)
    others = [each for each in before.get("conditions") or [] if each["type"] != "Progressing"]
    return {**before, "observedGeneration": generation, "phase": "Deleting", "conditions": [*others, *made]}


def _component(report: Report, role: str) -> dict[str, Any]:
    inputs = report.inputs
    state = report.children.get(workload_ref(inputs, role))
    found: dict[str, Any] = {"name": role, "desired": 0, "ready": 0, "updated": 0, "revision": ""}
    if state is not None:
        pods = pods_of(report.children, role)
        revision = state.status.get("updateRevision", "")
        settled = state.status.get("observedGeneration") == state.generation
        updated = (
            sum(1 for pod in pods if pod.revision == revision and not pod.deleting)
            if role == GATEWAY
            else state.status.get("updatedReplicas", 0)
        )
        found |= {
            "desired": state.replicas or 0,
            "ready": state.status.get("readyReplicas", 0),
            "updated": updated if settled else 0,
            "revision": revision or str(state.generation),
        }
    prefix = f"{child(inputs, role)}-"
    metrics = [each for name, each in report.metrics.items() if name.startswith(prefix)]
    if metrics and role == GATEWAY:
        found["connections"] = sum(each.connections for each in metrics)
    if metrics and role in CONSUMERS:
        found["lag"] = sum(each.lag for each in metrics)
    if role in report.scaling:
        found["scaling"] = report.scaling[role]
    return found


def _parts(report: Report, components: Sequence[Mapping[str, Any]]) -> list[Finding]:
    return [
        _spec_valid(report),
        *(_external_finding(*_EXTERNAL[name], report.known[name]) for name in _EXTERNAL),
        *(_component_finding(report, each) for each in components),
        _autoscaling(report),
    ]


def _spec_valid(report: Report) -> Finding:
    if report.missing_secrets:
        return Finding("SpecValid", "False", "SecretMissing", "; ".join(report.missing_secrets))
    if report.apply_errors:
        return Finding("SpecValid", "False", "ApplyFailed", "; ".join(report.apply_errors[:5]))
    return Finding("SpecValid", "True", "Valid", "the spec can be carried out")


def _external_finding(kind: str, title: str, known: Known) -> Finding:
    if known.error:
        reason = "CircuitOpen" if known.open else "Unreachable"
        return Finding(kind, "False", reason, known.error)
    if known.outcome is None:
        return Finding(kind, "Unknown", "Checking", f"{title} was not looked at yet")
    if known.outcome.refused:
        return Finding(kind, "False", "Refused", "; ".join(known.outcome.refused))
    if known.outcome.planned:
        return Finding(kind, "False", "Applying", "; ".join(known.outcome.planned))
    return Finding(kind, "True", "AsWanted", f"{title} answers and is as wanted")


def _component_finding(report: Report, component: Mapping[str, Any]) -> Finding:
    role = component["name"]
    kind = f"{role.capitalize()}Ready"
    desired, ready, updated = component["desired"], component["ready"], component["updated"]
    where = f"{ready} of {desired} pods are ready, {updated} run the newest revision"
    if role == GATEWAY and report.rolled_back:
        return Finding(kind, "False", "RolledBack", report.rolled_back)
    if role == GATEWAY and report.rollout is not None and report.rollout.stage == "Paused":
        return Finding(kind, "False", "RolloutPaused", report.rollout.message)
    if desired and ready >= desired and updated >= desired:
        return Finding(kind, "True", "AsWanted", where)
    trouble = _trouble(report, role)
    if trouble:
        return Finding(kind, "False", "PodsNotReady", f"{where}; {trouble}")
    return Finding(kind, "False", "RollingOut", where)


def _trouble(report: Report, role: str) -> str:
    """Why pods do not run, for the first few of them."""
    found = []
    for pod in pods_of(report.children, role):
        for container in pod.status.get("containerStatuses") or ():
            waiting = container.get("state", {}).get("waiting", {})
            if waiting.get("reason") not in {None, "ContainerCreating", "PodInitializing"}:
                found.append(f"{pod.ref[1]}: {waiting['reason']} {waiting.get('message', '')[:200]}".strip())
        unscheduled = [each for each in pod.status.get("conditions") or () if each.get("reason") == "Unschedulable"]
        found += [f"{pod.ref[1]}: {each.get('message', 'cannot be scheduled')[:200]}" for each in unscheduled]
    return "; ".join(sorted(found)[:3])


def _autoscaling(report: Report) -> Finding:
    inputs = report.inputs
    problems, scaled = [], []
    for role in ROLES:
        autoscaling = inputs.spec.component(role).autoscaling
        if autoscaling is None or autoscaling.mode == "none":
            continue
        scaled.append(f"{role}: {report.scaling.get(role, autoscaling.mode)}")
        if autoscaling.mode == "keda" and KEDA_API not in inputs.around.apis:
            text = f"{role} asks for mode keda, but KEDA is not installed: install it, or use another mode"
            return Finding("AutoscalingReady", "False", "ScalerMissing", text)
        state = report.children.get(("HorizontalPodAutoscaler", child(inputs, role)))
        if scaled_by_others(inputs, role) and state and condition(state.status, "ScalingActive") == "False":
            found = next(each for each in state.status["conditions"] if each["type"] == "ScalingActive")
            problems.append(f"{role}: {found.get('message', '')}")
    if problems:
        return Finding("AutoscalingReady", "False", "ScalingInactive", "; ".join(problems))
    if scaled:
        return Finding("AutoscalingReady", "True", "AsWanted", "; ".join(scaled))
    return Finding("AutoscalingReady", "True", "NotScaled", "nobody scales: every component has the pods it asks for")


def _update_pending(report: Report) -> Finding:
    if report.update_pending:
        return Finding("UpdatePending", "True", "OperatorUpdated", report.update_pending)
    return Finding("UpdatePending", "False", "UpToDate", "pods are what this operator makes of the spec")


def _paused(report: Report) -> Finding:
    if report.inputs.spec.paused:
        return Finding("Paused", "True", "Paused", "spec.paused is true: nothing is changed until it is false")
    return Finding("Paused", "False", "Running", "changes are carried out")


def _external(known: Known, target: str) -> dict[str, Any]:
    outcome = known.outcome
    return {
        "target": target,
        "planned": [_line(each) for each in outcome.planned[:_MOST_LINES]] if outcome else [],
        "refused": [_line(each) for each in outcome.refused[:_MOST_LINES]] if outcome else [],
    }


def _line(text: str) -> str:
    """As long as the API server takes it; longer ones would cost the whole status."""
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 3]}..."


def _endpoints(inputs: Inputs) -> dict[str, str]:
    return {
        "sockets": f"ws://{child(inputs, 'gateway')}.{inputs.namespace}:{PUBLIC_PORT}{SOCKET_PATH}",
        "api": f"http://{child(inputs, 'chat')}.{inputs.namespace}:{PUBLIC_PORT}",
        "external": external_url(inputs),
    }


def _was_available(before: Mapping[str, Any]) -> bool:
    """Whether it was up once."""
    return before.get("phase") in {"Ready", "Updating", "Degraded"}


def _phase(findings: Sequence[Finding], *, first: bool) -> str:
    by_type = {finding.type: finding for finding in findings}
    if by_type["Paused"].status == "True":
        return "Paused"
    if by_type["Available"].status == "True" and by_type["Degraded"].status == "False":
        return "Updating" if by_type["Progressing"].status == "True" else "Ready"
    if first and by_type["Degraded"].status == "False":
        return "Provisioning"
    return "Degraded"

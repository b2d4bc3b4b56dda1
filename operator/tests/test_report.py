"""The status tells how the platform stands, in words and numbers that can be trusted."""

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_example import inputs_of, spec_of

from parley.contract import ROLES
from parley_operator.desired.inputs import Inputs
from parley_operator.desired.names import COMPONENT
from parley_operator.external.outcome import Outcome
from parley_operator.external.part import Known
from parley_operator.external.pod_metrics import PodMetrics
from parley_operator.model.status import ChatClusterStatus
from parley_operator.reconcile.child_state import ChildState, Ref, child_state
from parley_operator.reconcile.report import Report, deleting_status, first_status, invalid_status, status_of
from parley_operator.reconcile.rollout import Decision

NOW: Final = "2026-01-02T00:00:00Z"
BEFORE: Final = "2026-01-01T00:00:00Z"
WELL: Final = Known("x", Outcome())
REFUSED: Final = Known("x", Outcome(refused=("partitions may not shrink",)))
BROKEN: Final = Known("x", None, error="no answer from kafka:9092")
QUICK: Final = settings(max_examples=60, deadline=None)


def workload(role: str, ready: int = 2, desired: int = 2, updated: int = 2, observed: int = 3) -> list[ChildState]:
    """A component's workload and its pods."""
    kind = "StatefulSet" if role == "gateway" else "Deployment"
    status = {
        "readyReplicas": ready,
        "updatedReplicas": updated,
        "updateRevision": "new",
        "observedGeneration": observed,
    }
    if role != "gateway":
        del status["updateRevision"]
    metadata = {"name": f"chat-{role}", "generation": 3}
    pods = [pod(role, number, revision="new" if number < updated else "old") for number in range(desired)]
    return [child_state({"kind": kind, "metadata": metadata, "spec": {"replicas": desired}, "status": status}), *pods]


def pod(role: str, number: int, revision: str = "new", **status: Any) -> ChildState:
    labels = {COMPONENT: role, "controller-revision-hash": revision}
    return child_state(
        {"kind": "Pod", "metadata": {"name": f"chat-{role}-{number}", "labels": labels}, "status": status}
    )


def children_of(*states: ChildState, **changed: dict[str, int]) -> dict[Ref, ChildState]:
    """All components as they should be, but for those that are named; then these states."""
    found = [state for role in ROLES for state in workload(role, **changed.get(role, {}))]
    return {state.ref: state for state in [*found, *states]}


def report_of(inputs: Inputs | None = None, **changes: Any) -> Report:
    """A platform where all is well, but for these changes."""
    known = {"kafka": WELL, "cql": WELL, "redis": WELL, **changes.pop("known", {})}
    whole = Report(inputs or inputs_of(), 5, children_of(), known, {})
    return replace(whole, **changes)


def shown(report: Report, before: str = "Ready") -> tuple[dict[str, Any], dict[str, tuple[str, str, str]]]:
    """The status, and status, reason and message by condition."""
    status = status_of(report, {"phase": before}, NOW)
    ChatClusterStatus.model_validate(status)
    return status, {each["type"]: (each["status"], each["reason"], each["message"]) for each in status["conditions"]}


def test_a_platform_where_all_is_well_is_ready() -> None:
    status, conditions = shown(report_of())
    assert (status["phase"], status["gateways"], status["replicas"]) == ("Ready", "2/2", 2)
    assert status["observedGeneration"] == 5
    false = {kind for kind, (value, _, _) in conditions.items() if value != "True"}
    assert false == {"Progressing", "Degraded", "UpdatePending", "Paused"}
    assert status["version"] == "0.1.0"
    assert status["sizing"]["replicas"] == dict.fromkeys(ROLES, 2)
    assert status["endpoints"]["sockets"] == "ws://chat-gateway.talk:8080/v1/connect"
    assert "rollout" not in status


PAUSED: Final = report_of(inputs_of(spec_of(paused=True)), known={"kafka": BROKEN})
CANARY: Final = Decision("Canary", "replacing gateway-1", evict="gateway-1")
PHASES: Final = (
    ("Provisioning", "", report_of(children={}, known={"kafka": Known(), "cql": Known(), "redis": Known()})),
    ("Provisioning", "Provisioning", report_of(children=children_of(chat={"ready": 0, "updated": 1}))),
    ("Degraded", "Ready", report_of(children=children_of(chat={"ready": 0}))),
    ("Degraded", "Degraded", report_of(children={})),
    ("Updating", "Ready", report_of(children=children_of(gateway={"updated": 1}), rollout=CANARY)),
    ("Updating", "Ready", report_of(children=children_of(chat={"ready": 1}))),
    ("Degraded", "Ready", report_of(known={"kafka": BROKEN})),
    ("Degraded", "Provisioning", report_of(known={"cql": REFUSED})),
    ("Degraded", "Ready", report_of(missing_secrets=["Secret tokens is not there"])),
    ("Degraded", "Ready", report_of(apply_errors=["PATCH /x: no (422)"])),
    ("Degraded", "Ready", report_of(rolled_back="the new one did not work")),
    ("Degraded", "Ready", report_of(rollout=Decision("Paused", "gateway-1 does not work"))),
    ("Paused", "Ready", PAUSED),
)


@pytest.mark.parametrize(("phase", "before", "report"), PHASES)
def test_the_phase_says_in_one_word_how_it_stands(phase: str, before: str, report: Report) -> None:
    assert shown(report, before)[0]["phase"] == phase


def test_each_external_system_has_a_condition_of_its_own() -> None:
    planned = Known("x", Outcome(planned=("create topic parley.ingress",)))
    report = report_of(known={"kafka": planned, "cql": replace(BROKEN, open=True), "redis": Known()})
    status, conditions = shown(report)
    assert conditions["KafkaReady"] == ("False", "Applying", "create topic parley.ingress")
    assert conditions["SchemaReady"] == ("False", "CircuitOpen", "no answer from kafka:9092")
    assert conditions["RedisReady"][:2] == ("Unknown", "Checking")
    assert status["topics"] == {"target": "parley.*", "planned": ["create topic parley.ingress"], "refused": []}
    assert status["keyspace"]["target"] == "parley"
    assert conditions["GatewayReady"][0] == "True", "Kafka down does not make pods worse than they are"


@QUICK
@given(
    rounds=st.lists(st.sampled_from(("", "no answer")), min_size=1, max_size=5),
    ready=st.integers(0, 2),
    rolled_back=st.sampled_from(("", "it went back")),
)
def test_what_is_refused_stays_refused_until_another_look_finds_otherwise(
    rounds: list[str], ready: int, rolled_back: str
) -> None:
    status: dict[str, Any] = {}
    for error in rounds:
        known = {"kafka": replace(REFUSED, error=error), "cql": WELL, "redis": WELL}
        report = report_of(known=known, rolled_back=rolled_back, children=children_of(gateway={"ready": ready}))
        status = status_of(report, status, NOW)
        found = {each["type"]: each for each in status["conditions"]}
        assert status["phase"] == "Degraded"
        assert status["topics"]["refused"] == ["partitions may not shrink"]
        assert (found["KafkaReady"]["status"], found["Degraded"]["status"]) == ("False", "True")
        assert error or found["KafkaReady"]["message"] == "partitions may not shrink"


def test_numbers_are_those_of_the_pods_that_have_them() -> None:
    metrics = {
        "chat-gateway-0": PodMetrics(connections=3, opened=9),
        "chat-gateway-1": PodMetrics(connections=4, lag=0),
        "chat-fanout-x": PodMetrics(lag=5),
        "chat-receipts-x": PodMetrics(lag=2),
    }
    status, _ = shown(report_of(metrics=metrics, scaling={"fanout": "2 pods"}))
    assert (status["connections"], status["lag"]) == (7, 7)
    components = {each["name"]: each for each in status["components"]}
    assert components["gateway"]["connections"] == 7
    assert (components["fanout"]["lag"], components["receipts"]["lag"]) == (5, 2)
    assert components["fanout"]["scaling"] == "2 pods"
    assert not {"connections", "lag", "scaling"} & set(components["chat"])
    assert "lag" not in components["gateway"]
    assert "connections" not in components["fanout"]
    assert not {"connections", "lag"} & set(shown(report_of())[0]), "nobody told, so nothing is said"


def test_a_workload_that_was_just_changed_has_no_updated_pods_yet() -> None:
    status, conditions = shown(report_of(children=children_of(chat={"observed": 2}, gateway={"updated": 1})))
    components = {each["name"]: each for each in status["components"]}
    assert components["chat"]["updated"] == 0
    assert conditions["ChatReady"][:2] == ("False", "RollingOut")
    assert (components["gateway"]["updated"], components["gateway"]["revision"]) == (1, "new")
    assert components["chat"]["revision"] == "3"
    leaving = replace(pod("gateway", 1), deleting=True)
    counted = shown(report_of(children=children_of(leaving)))[0]["components"][0]
    assert (counted["name"], counted["updated"]) == ("gateway", 1)


def test_a_rollout_is_told_while_it_goes_on_and_when_it_went_back() -> None:
    told = shown(report_of(rollout=CANARY))[0]["rollout"]
    assert told == {"revision": "new", "stage": "Canary", "message": "replacing gateway-1"}
    assert "rollout" not in shown(report_of(rollout=Decision("Done", "")))[0]
    status, conditions = shown(report_of(rollout=Decision("Done", ""), rolled_back="it went back"))
    assert status["rollout"]["stage"] == "RolledBack"
    assert conditions["GatewayReady"] == ("False", "RolledBack", "it went back")
    assert shown(report_of(rollout=Decision("Paused", "why")))[1]["GatewayReady"] == ("False", "RolloutPaused", "why")
    assert shown(report_of(rollout=Decision("Waiting", "why")))[1]["Degraded"][0] == "False"


def test_pods_that_do_not_run_are_named_with_the_reason() -> None:
    waiting = [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]
    nowhere = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"}]
    creating = [{"state": {"waiting": {"reason": "ContainerCreating"}}}]
    pods = [pod("chat", number, containerStatuses=waiting) for number in (0, 1)]
    pods += [pod("chat", 2, conditions=nowhere), pod("chat", 3, containerStatuses=creating)]
    _, conditions = shown(report_of(children=children_of(*pods, chat={"ready": 0, "desired": 4})))
    assert conditions["ChatReady"][:2] == ("False", "PodsNotReady")
    assert "chat-chat-1: ImagePullBackOff no such image; chat-chat-2: no node" in conditions["ChatReady"][2]
    assert "ContainerCreating" not in conditions["ChatReady"][2]
    assert conditions["Available"] == ("False", "NoPods", "no pod is ready of chat")


def _scaled(mode: str, apis: tuple[str, ...] = (), active: str = "True") -> tuple[str, str, str]:
    asked = {"mode": mode, "maxReplicas": 9, "targetLag": 5}
    condition = {"type": "ScalingActive", "status": active, "message": "no metrics"}
    scaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "chat-fanout"},
        "status": {"conditions": [condition]},
    }
    inputs = inputs_of(spec_of(components={"fanout": {"autoscaling": asked}}), apis=apis)
    return shown(report_of(inputs, children=children_of(child_state(scaler))))[1]["AutoscalingReady"]


def test_whoever_scales_is_checked() -> None:
    assert shown(report_of())[1]["AutoscalingReady"][1] == "NotScaled"
    assert _scaled("none")[1] == "NotScaled"
    assert _scaled("hpa") == ("True", "AsWanted", "fanout: hpa")
    assert _scaled("hpa", active="False") == ("False", "ScalingInactive", "fanout: no metrics")
    assert _scaled("operator", active="False")[0] == "True"
    assert _scaled("keda")[:2] == ("False", "ScalerMissing")
    assert _scaled("keda", ("keda.sh/v1alpha1",))[0] == "True"


def test_an_update_of_the_operator_that_waits_is_told() -> None:
    assert shown(report_of(update_pending="0.2.0 waits"))[1]["UpdatePending"] == (
        "True",
        "OperatorUpdated",
        "0.2.0 waits",
    )
    assert shown(PAUSED)[1]["Paused"][0] == "True"


@QUICK
@given(
    kafka=st.sampled_from((WELL, REFUSED, BROKEN, Known())),
    ready=st.integers(0, 2),
    updated=st.integers(0, 2),
    paused=st.booleans(),
    before=st.sampled_from(("", "Pending", "Provisioning", "Ready", "Updating", "Degraded")),
)
def test_the_phase_never_contradicts_the_conditions(
    kafka: Known, ready: int, updated: int, before: str, *, paused: bool
) -> None:
    children = children_of(gateway={"ready": ready, "updated": updated})
    report = report_of(inputs_of(spec_of(paused=paused)), known={"kafka": kafka}, children=children)
    status, conditions = shown(report, before)
    truth = {kind: value == "True" for kind, (value, _, _) in conditions.items()}
    well = truth["Available"] and not truth["Degraded"] and not truth["Paused"]
    assert (status["phase"] == "Ready") == (well and not truth["Progressing"])
    assert (status["phase"] == "Updating") == (well and truth["Progressing"])
    assert (status["phase"] == "Paused") == paused


def test_a_status_is_never_longer_than_the_api_server_takes() -> None:
    long = Known("x", Outcome(tuple("p" * 9000 for _ in range(99)), tuple("r" * 9000 for _ in range(99))))
    shown(report_of(known={"kafka": long, "cql": long}, rollout=Decision("Waiting", "gateway, " * 2000)))
    shown(report_of(known={"redis": replace(BROKEN, error="x" * 99_999)}, apply_errors=["y" * 99_999] * 9))


def test_the_first_status_a_wrong_spec_and_a_deletion_keep_what_was_known() -> None:
    status = status_of(report_of(), {}, BEFORE)
    wrong = invalid_status(6, "spec.size: no such size", status, NOW)
    assert (wrong["phase"], wrong["observedGeneration"], wrong["gateways"]) == ("Degraded", 6, "2/2")
    found = {each["type"]: each for each in wrong["conditions"]}
    assert len(found) == len(wrong["conditions"]) == len(status["conditions"])
    assert (found["SpecValid"]["status"], found["SpecValid"]["lastTransitionTime"]) == ("False", NOW)
    assert found["Available"]["lastTransitionTime"] == BEFORE
    leaving = deleting_status(7, "2 pods still run", status, NOW)
    assert (leaving["phase"], leaving["observedGeneration"]) == ("Deleting", 7)
    assert {each["type"] for each in leaving["conditions"]} == {each["type"] for each in status["conditions"]}
    for each in (wrong, leaving, first_status(1, NOW)):
        ChatClusterStatus.model_validate(each)
    assert first_status(1, NOW)["phase"] == "Provisioning"

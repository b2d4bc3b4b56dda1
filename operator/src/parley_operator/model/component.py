"""`spec.components`: what can be said of each of the chat services."""

from typing import Annotated, Any, Literal

from pydantic import Field

from parley_operator.model.autoscaling import Autoscaling
from parley_operator.model.part import Annotations, Labels, Part, Rule, Text, by_key, ordered
from parley_operator.model.pod_template import PodTemplate, Resources, Variable


class Drain(Part):
    """How a gateway sends its clients away before it stops. The pod's grace period is computed from it."""

    rate_per_second: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Clients that are asked to leave each second."""
    initial_delay_seconds: Annotated[int, Field(ge=0, le=300)] = 5
    """Time in which the pod's address leaves all load balancers before the first is asked."""


class Toleration(Part):
    """A taint of nodes that pods tolerate."""

    rules = (
        Rule(
            "!has(self.operator) || self.operator != 'Exists' || !has(self.value)",
            "value may not be set when operator is Exists",
            field=".value",
        ),
        Rule(
            "has(self.key) || has(self.operator) && self.operator == 'Exists'",
            "operator must be Exists when key is not set",
            field=".operator",
        ),
    )

    key: Text | None = None
    """Key of the taint; every one without it."""
    operator: Literal["Exists", "Equal"] | None = None
    """How value is compared."""
    value: Text | None = None
    """Value of the taint."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint; every one without it."""
    toleration_seconds: Annotated[int, Field(ge=0)] | None = None
    """How long NoExecute is tolerated."""


class Spread(Part):
    """How evenly pods are laid over zones and nodes."""

    topology_key: Text
    """Label of nodes that tells one place from another."""
    max_skew: Annotated[int, Field(ge=1, le=100)] = 1
    """Most pods that one place may have more than another."""
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"] = "ScheduleAnyway"
    """What happens when it cannot be so."""


class Scheduling(Part):
    """Where pods may run."""

    node_selector: Labels | None = None
    """Labels that a node must have."""
    tolerations: Annotated[list[Toleration], ordered(max_length=32)] | None = None
    """Taints that are tolerated."""
    topology_spread: Annotated[list[Spread], by_key("topologyKey", max_length=8)] | None = None
    """Spread over zones and nodes; without it zones and nodes with a skew of 1, as far as possible."""
    priority_class_name: Text | None = None
    """Class of priority."""


class DisruptionBudget(Part):
    """How many pods may be away at once when nodes are emptied."""

    enabled: bool = True
    """Whether there is a PodDisruptionBudget."""
    max_unavailable: Annotated[int, Field(ge=1, le=1000)] = 1
    """Most pods that may be away."""


class Component(Part):
    """One of the chat services."""

    rules = (
        Rule(
            "!has(self.replicas) || !has(self.autoscaling) || self.autoscaling.mode == 'none'"
            " || !has(self.autoscaling.maxReplicas) || self.replicas <= self.autoscaling.maxReplicas",
            "replicas must not be larger than autoscaling.maxReplicas",
            field=".replicas",
        ),
        Rule(
            "!has(self.env) || self.env.all(each, !each.name.startsWith('PARLEY_') || each.name in"
            " ['PARLEY_LOG_LEVEL', 'PARLEY_COMPRESSION', 'PARLEY_PRESENCE_GRACE_MS', 'PARLEY_RECEIPTS_MERGE_MS',"
            " 'PARLEY_CALL_TIMEOUT_MS', 'PARLEY_DEDUPE_HINT', 'PARLEY_STALL_TIMEOUT_MS', 'PARLEY_HELLO_TIMEOUT_MS',"
            " 'PARLEY_LOG_FORMAT'])",
            "env: variables that begin with PARLEY_ are set by the operator from the fields of this spec, except"
            " PARLEY_LOG_LEVEL, PARLEY_LOG_FORMAT, PARLEY_COMPRESSION and the times in the documentation's list",
            field=".env",
            reason="FieldValueForbidden",
        ),
    )

    replicas: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Pods; without it what the size or the capacity asks for. With autoscaling it is only where it begins."""
    resources: Resources | None = None
    """What each pod gets; without it what the size asks for."""
    autoscaling: Autoscaling | None = None
    """Who changes the number of pods."""
    drain: Drain | None = None
    """How clients are sent away; for the gateway only."""
    scheduling: Scheduling | None = None
    """Where pods may run."""
    pod_disruption_budget: DisruptionBudget | None = None
    """How many pods may be away at once."""
    env: Annotated[list[Variable], by_key("name", max_length=64)] | None = None
    """More environment variables."""
    annotations: Annotations | None = None
    """Annotations of the StatefulSet or Deployment."""
    pod_template: PodTemplate | None = None
    """Overrides of the pods."""

    def pod_overrides(self) -> dict[str, Any]:
        """The overrides of the pods as Kubernetes writes them."""
        return self.pod_template.manifest() if self.pod_template else {}

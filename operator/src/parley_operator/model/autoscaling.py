"""`autoscaling` of a component: who changes its number of pods, and when."""

from typing import Annotated, Literal

from pydantic import Field

from parley_operator.model.part import QUANTITY, Part, Rule

Seconds = Annotated[int, Field(ge=0, le=3600)]


class ScalingRules(Part):
    """How fast the number of pods may change in one direction."""

    stabilization_window_seconds: Seconds | None = None
    """The mildest wish of so many seconds counts; without it 0 upwards and 300 downwards."""
    pods: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Most pods that may come or go in one period."""
    percent: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Most pods that may come or go in one period, as a share of those that are there; the larger of both counts."""
    period_seconds: Annotated[int, Field(ge=1, le=1800)] = 60
    """Length of a period."""


class Behavior(Part):
    """How fast the number of pods may change."""

    scale_up: ScalingRules = ScalingRules()
    """Upwards."""
    scale_down: ScalingRules = ScalingRules()
    """Downwards; a gateway never leaves before the one before it is drained."""
    tolerance_percent: Annotated[int, Field(ge=0, le=100)] = 10
    """Nothing changes while the measured value is so near to its target."""


class PodsMetric(Part):
    """A metric of each pod that a metrics adapter of your cluster serves."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_:][A-Za-z0-9_:.-]*$", max_length=253)]
    """Name of the metric in custom.metrics.k8s.io."""
    average_value: Annotated[str, Field(pattern=QUANTITY, max_length=32)]
    """Wanted value for each pod."""


class Prometheus(Part):
    """The Prometheus that KEDA asks."""

    server_address: Annotated[str, Field(pattern=r"^https?://", max_length=1024)]
    """URL of the Prometheus server."""


class Autoscaling(Part):
    """Who changes the number of pods, and when.

    `operator` works in every cluster: the operator measures connections and lag itself. `hpa` makes a
    HorizontalPodAutoscaler, `keda` a ScaledObject. While one of these is there the operator does not touch the number.
    """

    rules = (
        Rule(
            "!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
            "minReplicas must not be larger than maxReplicas",
            field=".minReplicas",
            by="'minReplicas (%d) must not be larger than maxReplicas (%d)'"
            ".format([self.minReplicas, self.maxReplicas])",
        ),
        Rule(
            "self.mode == 'none' || has(self.maxReplicas)",
            "maxReplicas must be set when mode is operator, hpa or keda: it bounds what can be spent",
            field=".mode",
        ),
        Rule(
            "!has(self.metric) || self.mode == 'hpa'",
            "metric is only used with mode hpa: set mode to hpa, or remove metric",
            field=".metric",
        ),
        Rule(
            "!has(self.prometheus) || self.mode == 'keda'",
            "prometheus is only used with mode keda: set mode to keda, or remove prometheus",
            field=".prometheus",
        ),
        Rule(
            "self.mode != 'keda' || has(self.prometheus) || has(self.targetLag) || has(self.targetCpuPercent)",
            "mode keda needs something to measure: set prometheus, targetLag or targetCpuPercent",
            field=".mode",
        ),
        Rule(
            "!has(self.metric) || !has(self.targetCpuPercent)",
            "only one of metric and targetCpuPercent may be set",
            field=".metric",
        ),
        Rule(
            "!has(self.minReplicas) || self.minReplicas > 0",
            "minReplicas must be at least 1: nobody could connect to none",
            field=".minReplicas",
        ),
    )

    mode: Literal["none", "operator", "hpa", "keda"] = "none"
    """Who scales: nobody, the operator, a HorizontalPodAutoscaler, or KEDA."""
    min_replicas: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Fewest pods; without it the component's replicas."""
    max_replicas: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Most pods; consumers are never more than there are partitions."""
    target_connections: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Connections that a gateway should have; without it 20000."""
    target_lag: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """Records that a consumer may be behind; without it 1000."""
    target_cpu_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Use of the requested CPU that is wanted; without it 70."""
    metric: PodsMetric | None = None
    """Another metric for the HorizontalPodAutoscaler."""
    prometheus: Prometheus | None = None
    """Where KEDA finds the metrics."""
    behavior: Behavior = Behavior()
    """How fast the number may change."""

"""What the operator remembers of a ChatCluster between two passes; all of it may be lost and is found again."""

from dataclasses import dataclass, field
from typing import Any

from parley_operator.desired.inputs import Surroundings
from parley_operator.external.part import ExternalPart
from parley_operator.external.pod_metrics import PodMetrics
from parley_operator.reconcile.child_state import Ref
from parley_operator.reconcile.plan import Applied
from parley_operator.reconcile.scaling import History


@dataclass(frozen=True, slots=True)
class Settled:
    """What the objects and their rollout depend on; while it is as it was when all was done, nothing is to be done."""

    generation: int
    around: Surroundings
    revision: int
    """Of what is known of the objects."""


@dataclass(slots=True)
class Memory:
    """Of one ChatCluster."""

    uid: str = ""
    applied: dict[Ref, Applied] = field(default_factory=dict)
    settled: Settled | None = None
    parts: dict[str, ExternalPart] = field(default_factory=dict)
    metrics: dict[str, PodMetrics] = field(default_factory=dict)
    metrics_before: dict[str, PodMetrics] = field(default_factory=dict)
    metrics_at: float = -1e9
    scaling: dict[str, History] = field(default_factory=dict)
    scaling_reasons: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    secrets_of: int | None = None
    """The generation that they were read for; None when they are to be read again."""
    announced: dict[str, str] = field(default_factory=dict)
    status_at: float = -1e9
    shown: dict[str, Any] = field(default_factory=dict)
    evict_at: float = -1e9


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass found out, beyond what stands in memory and cache. Times are seconds of the loop's clock."""

    now: float
    requeue: list[float]
    apply_errors: list[str] = field(default_factory=list)
    missing_secrets: list[str] = field(default_factory=list)
    waiting_for_update: list[str] = field(default_factory=list)
    written: set[Ref] = field(default_factory=set)

    def again_after(self, seconds: float) -> None:
        """Come back after so long at the latest."""
        self.requeue.append(seconds)

"""A StatefulSet of gateways that is replaced only as the operator says (OnDelete), in steps of one second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from parley_operator.reconcile.rollout import Decision, GatewayPod, decide

Behaviour = Literal["good", "crashing", "silent", "flapping"]
BAD: Final[tuple[Behaviour, ...]] = ("crashing", "silent", "flapping")
DRAIN_S: Final = 3
START_S: Final = 2
READY_S: Final = 4
CYCLE_S: Final = 8


@dataclass
class Pod:
    """A gateway. `away` are the seconds for which it will not be ready, `restarting` whether its container restarts."""

    ordinal: int
    revision: str
    behaviour: Behaviour
    lifetime: int = 0
    steady: int = 0
    ready: bool = False
    leaving: int | None = None
    away: int = 0
    restarting: bool = False

    def step(self) -> None:
        """One second passes."""
        self.lifetime += 1
        self.steady += 1
        self.away = max(0, self.away - 1)
        ready = self._is_ready()
        if ready != self.ready:
            self.ready, self.steady = ready, 0

    def _is_ready(self) -> bool:
        if self.away or self.leaving is not None:
            return False
        if self.behaviour == "flapping":
            return READY_S <= self.lifetime % CYCLE_S < READY_S + 2
        return self.behaviour == "good" and self.lifetime >= READY_S

    def seen(self) -> GatewayPod:
        """As the operator sees it."""
        crashing = self.behaviour == "crashing"
        return GatewayPod(
            name=f"gateway-{self.ordinal}",
            ordinal=self.ordinal,
            revision=self.revision,
            ready=self.ready and self.leaving is None,
            deleting=self.leaving is not None,
            steady_s=float(self.steady),
            waiting="CrashLoopBackOff" if crashing and self.lifetime > READY_S else "",
            started=not crashing and self.lifetime >= START_S and not (self.away and self.restarting),
            restarts=self.lifetime // CYCLE_S if self.behaviour == "flapping" else 0,
        )


@dataclass
class World:
    """Gateways, and what was done to them.

    `down` are those that serve nobody because the operator took them down; `got` says which were given a revision.
    """

    behaviours: Mapping[str, Behaviour]
    wanted: int
    revision: str
    stable: str = ""
    rolled_back: bool = False
    pods: dict[int, Pod] = field(default_factory=dict)
    down: set[int] = field(default_factory=set)
    most_down: int = 0
    got: dict[str, set[int]] = field(default_factory=dict)
    last: Decision = field(default_factory=lambda: Decision("Waiting", ""))

    def fill(self, revision: str) -> "World":
        """Every gateway has run this revision for long."""
        self.pods = {number: self.old_pod(number, revision) for number in range(self.wanted)}
        return self

    def old_pod(self, ordinal: int, revision: str) -> Pod:
        """A gateway that has run for long."""
        behaviour = self.behaviours[revision]
        return Pod(ordinal, revision, behaviour, lifetime=1000, steady=60, ready=behaviour == "good")

    def change(self, revision: str) -> None:
        """Somebody changed the spec."""
        self.revision, self.rolled_back = revision, False

    def step(self) -> None:
        """The operator looks and acts; then a second passes."""
        pods = [pod.seen() for pod in self.pods.values()]
        self.last = self._decided(pods)
        # An operator that begins now, and saw the pods in another order, would do and say the same.
        assert self._decided(pods[::-1]) == self.last
        for name in (self.last.evict, *self.last.delete):
            if name:
                self._take_down(self.pods[int(name.rpartition("-")[2])])
        if self.last.rollback:
            self.revision, self.rolled_back = self.last.rollback, True
        if self.last.stage == "Done":
            self.stable = self.revision
        self._pass()

    def _decided(self, pods: Sequence[GatewayPod]) -> Decision:
        return decide(self.revision, pods, self.wanted, self.stable, rolled_back=self.rolled_back)

    def _take_down(self, pod: Pod) -> None:
        assert pod.leaving is None, "it leaves already"
        assert pod.revision != self.revision, "what is newest is never taken down"
        if pod.ready:
            self.down.add(pod.ordinal)
            self.most_down = max(self.most_down, len(self.down))
        pod.leaving = DRAIN_S if pod.ready else 1

    def _pass(self) -> None:
        for ordinal in range(self.wanted):
            pod = self.pods.get(ordinal)
            if pod is None:
                self.got.setdefault(self.revision, set()).add(ordinal)
                self.pods[ordinal] = Pod(ordinal, self.revision, self.behaviours[self.revision])
            elif pod.leaving == 0:
                del self.pods[ordinal]
            else:
                pod.leaving = None if pod.leaving is None else pod.leaving - 1
                pod.step()
                if pod.ready:
                    self.down.discard(ordinal)

    def run(self, seconds: int, *, until_done: bool = True) -> None:
        """So many seconds, or fewer when everything is done before."""
        for _ in range(seconds):
            self.step()
            if until_done and self.last.stage == "Done":
                return

    @property
    def revisions(self) -> set[str]:
        """What the gateways run."""
        return {pod.revision for pod in self.pods.values()}

"""How gateways are replaced: a canary first, then one by one, back at once when it does not work. Pure.

Everything is decided from the pods as they are, so an operator that begins in the middle goes on where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from parley_operator.desired.workloads import MIN_READY_S

FAILING: Final = frozenset(
    {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)
"""What a container waits for that will not come."""


@dataclass(frozen=True, slots=True)
class GatewayPod:
    """A pod as far as a rollout cares. `waiting` is why its container does not run.

    `steady_s` are the seconds that it is ready, or is not, without a change. `started` says that it came up once, so
    that clients may be on it even while it is not ready.
    """

    name: str
    ordinal: int
    revision: str
    ready: bool
    deleting: bool
    steady_s: float
    waiting: str = ""
    started: bool = True
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next: `evict` and `delete` name pods, `rollback` a revision. `message` is for people."""

    stage: Literal["Done", "Canary", "Rolling", "Waiting", "Paused", "RollBack"]
    message: str
    evict: str = ""
    delete: tuple[str, ...] = ()
    rollback: str = ""


NOT_READY_S: Final = 300.0
"""A pod of the newest revision that is not ready for so long counts as one that does not work."""
RESTARTS: Final = 3


def decide(  # noqa: PLR0911 - one return for each thing to do, in their order
    revision: str,
    pods: Sequence[GatewayPod],
    wanted: int,
    stable: str = "",
    gate: str = "",
    *,
    rolled_back: bool = False,
) -> Decision:
    """The next step towards `revision`. `gate` says what must still happen before the next pod may go.

    `stable` is the revision that worked last, as far as that was noted. `rolled_back` says that `revision` is already
    the one from before.
    """
    pods = sorted(pods, key=lambda pod: pod.ordinal)
    outdated = [pod for pod in pods if pod.revision != revision]
    newest = [pod for pod in pods if pod.revision == revision and not pod.deleting]
    leaving = [pod.name for pod in pods if pod.deleting]
    proven = rolled_back or (bool(newest) and all(_settled(pod) for pod in newest))
    begun = bool(newest or leaving or len(pods) < wanted)
    # Who serves nobody is not waited for, and must not stand in the way of the newest spec; but one at first, since
    # nobody knows yet whether the newest revision works.
    useless = tuple(pod.name for pod in outdated if not pod.ready and not pod.started and not pod.deleting)
    if useless and (proven or not begun):
        gone = useless if proven else useless[-1:]
        return Decision("Rolling", f"replacing {', '.join(gone)}, which serves nobody", delete=gone)
    bad = next((pod for pod in newest if _fails(pod)), None)
    if bad is not None and not rolled_back:
        back = _previous(outdated, revision, stable)
        if back:
            return Decision("RollBack", f"{bad.name} does not work ({_why(bad)}); going back to {back}", rollback=back)
        return Decision("Paused", f"{bad.name} does not work ({_why(bad)}), and no earlier revision is known")
    if leaving:
        return Decision("Waiting", f"{', '.join(leaving)} sends its clients away")
    if not outdated:
        return _all_new(newest, wanted)
    waiting = [pod.name for pod in newest if not _settled(pod)]
    if waiting or len(pods) < wanted:
        return Decision("Waiting", f"waiting until {', '.join(waiting) or 'the new pod'} is ready")
    if gate:
        return Decision("Waiting", gate)
    chosen = max(outdated, key=lambda pod: (not pod.ready, pod.ordinal))
    stage: Literal["Canary", "Rolling"] = "Rolling" if newest else "Canary"
    return Decision(stage, f"replacing {chosen.name}; {len(newest)} of {len(pods)} are replaced", evict=chosen.name)


def _settled(pod: GatewayPod) -> bool:
    """Who crashes at once is ready for a moment; only who stays so counts."""
    return pod.ready and pod.steady_s >= MIN_READY_S


def _all_new(newest: Sequence[GatewayPod], wanted: int) -> Decision:
    settled = sum(1 for pod in newest if _settled(pod))
    if settled < max(len(newest), wanted):
        return Decision("Waiting", f"{settled} of {wanted} gateways are ready")
    return Decision("Done", "every gateway runs the newest revision")


def _fails(pod: GatewayPod) -> bool:
    if pod.ready:
        return False
    return pod.waiting in FAILING or pod.restarts >= RESTARTS or pod.steady_s > NOT_READY_S


def _why(pod: GatewayPod) -> str:
    return pod.waiting or (f"{pod.restarts} restarts" if pod.restarts else f"not ready for {pod.steady_s:.0f} s")


def _previous(outdated: Sequence[GatewayPod], revision: str, stable: str) -> str:
    """The revision of most pods that still work, of two the one that was noted; else that one."""
    working = sorted(pod.revision for pod in outdated if pod.ready)
    if working:
        return max(working, key=lambda each: (working.count(each), each == stable))
    return stable if stable != revision else ""

"""Gateways are replaced one by one, a bad revision costs one of them, and the newest spec always wins."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import pytest
from gateway_world import BAD, Behaviour, Pod, World
from hypothesis import given, settings
from hypothesis import strategies as st

from parley_operator.desired.workloads import MIN_READY_S
from parley_operator.reconcile.child_state import child_state
from parley_operator.reconcile.gateways import gateway_pod
from parley_operator.reconcile.rollout import FAILING, NOT_READY_S, RESTARTS, GatewayPod, decide

LONG_ENOUGH: Final = 700
QUICK: Final = settings(max_examples=80, deadline=None)
GOOD: Final[dict[str, Behaviour]] = {"old": "good", "new": "good"}

behaviours: Final = st.sampled_from(("good", *BAD))
bad_behaviours: Final = st.sampled_from(BAD)
fleets: Final = st.lists(
    st.tuples(
        st.sampled_from(("older", "old", "new")),
        st.sampled_from(("running", "beginning", "leaving", "away", "restarting", "missing")),
    ),
    min_size=1,
    max_size=5,
)
disturbances: Final = st.dictionaries(
    st.integers(0, 60), st.tuples(st.integers(0, 4), st.integers(1, 12), st.booleans()), max_size=6
)


def fleet_of(world: World, begin: list[tuple[str, str]]) -> World:
    """Gateways of several revisions in all states."""
    for ordinal, (revision, state) in enumerate(begin):
        pod = world.old_pod(ordinal, revision)
        if state == "beginning":
            pod = Pod(ordinal, revision, world.behaviours[revision])
        if state in {"away", "restarting"}:
            pod.away, pod.ready, pod.restarting = 7, False, state == "restarting"
        pod.leaving = 4 if state == "leaving" else None
        if state != "missing":
            world.pods[ordinal] = pod
    return world


def disturbed(world: World, disturb: dict[int, tuple[int, int, bool]], seconds: int) -> None:
    """Run while gateways are away for moments by themselves."""
    for second in range(seconds):
        ordinal, away, restarting = disturb.get(second, (0, 0, False))
        pod = world.pods.get(ordinal)
        if away and pod is not None and pod.ready:
            pod.away, pod.restarting = away, restarting
        world.step()


@QUICK
@given(begin=fleets, older=behaviours, disturb=disturbances)
def test_from_every_state_all_gateways_come_to_a_good_newest_revision(
    begin: list[tuple[str, str]], older: Behaviour, disturb: dict[int, tuple[int, int, bool]]
) -> None:
    world = fleet_of(World({**GOOD, "older": older}, len(begin), "new"), begin)
    disturbed(world, disturb, 61)
    world.run(LONG_ENOUGH)
    assert (world.last.stage, world.revision, world.revisions) == ("Done", "new", {"new"})
    assert world.most_down <= 1
    done = {ordinal: pod.lifetime for ordinal, pod in world.pods.items()}
    world.run(20, until_done=False)
    assert {ordinal: pod.lifetime - 20 for ordinal, pod in world.pods.items()} == done, "done is done"


@QUICK
@given(count=st.integers(1, 5), new=bad_behaviours, disturb=disturbances)
def test_a_bad_revision_costs_one_gateway_and_goes_back_to_the_stable_one(
    count: int, new: Behaviour, disturb: dict[int, tuple[int, int, bool]]
) -> None:
    world = World({"old": "good", "new": new}, count, "new", stable="old").fill("old")
    disturbed(world, disturb, 61)
    world.run(LONG_ENOUGH)
    assert len(world.got["new"]) == 1
    assert (world.last.stage, world.revision, world.revisions) == ("Done", "old", {"old"})
    assert world.rolled_back
    assert world.most_down <= 1


@pytest.mark.parametrize("new", BAD)
def test_without_a_note_the_revision_of_the_gateways_that_work_is_the_one_to_go_back_to(new: Behaviour) -> None:
    world = World({"old": "good", "new": new}, 3, "new").fill("old")
    world.run(LONG_ENOUGH)
    assert (world.last.stage, world.revision) == ("Done", "old")
    alone = World({"old": "good", "new": new}, 1, "new").fill("old")
    alone.run(LONG_ENOUGH)
    assert alone.last.stage == "Paused"
    assert "no earlier revision is known" in alone.last.message


@QUICK
@given(
    count=st.integers(1, 5),
    new=behaviours,
    before=st.integers(0, 90),
    newer=behaviours,
    between=st.integers(0, 90),
)
def test_a_newer_spec_wins_wherever_the_rollout_stands(
    count: int, new: Behaviour, before: int, newer: Behaviour, between: int
) -> None:
    world = World({"old": "good", "new": new, "newer": newer, "newest": "good"}, count, "new", "old").fill("old")
    world.run(before, until_done=False)
    world.change("newer")
    world.run(between, until_done=False)
    world.change("newest")
    world.run(LONG_ENOUGH)
    assert (world.last.stage, world.revision, world.revisions) == ("Done", "newest", {"newest"})
    assert world.most_down <= 1


@QUICK
@given(count=st.integers(2, 5), before=st.integers(0, 90), newer=bad_behaviours)
def test_a_bad_spec_in_the_middle_goes_back_to_a_revision_that_works(count: int, before: int, newer: Behaviour) -> None:
    world = World({**GOOD, "newer": newer}, count, "new", "old").fill("old")
    world.run(before, until_done=False)
    world.change("newer")
    world.run(LONG_ENOUGH)
    assert world.last.stage == "Done"
    assert world.revisions in ({"old"}, {"new"})
    assert len(world.got["newer"]) == 1


def gateway(ordinal: int, revision: str = "new", **more: Any) -> GatewayPod:
    state: dict[str, Any] = {"ready": True, "deleting": False, "steady_s": 60.0, **more}
    return GatewayPod(name=f"gateway-{ordinal}", ordinal=ordinal, revision=revision, **state)


def test_a_rollout_begins_with_the_last_gateway_and_goes_on_with_the_next() -> None:
    first = decide("new", [gateway(0, "old"), gateway(1, "old"), gateway(2, "old")], 3)
    assert (first.stage, first.evict) == ("Canary", "gateway-2")
    second = decide("new", [gateway(0, "old"), gateway(1, "old"), gateway(2)], 3)
    assert (second.stage, second.evict) == ("Rolling", "gateway-1")


def test_a_gate_holds_the_next_gateway_back_but_not_the_way_back() -> None:
    outdated = [gateway(0, "old"), gateway(1, "old")]
    held = decide("new", [*outdated, gateway(2)], 3, gate="clients are not back")
    assert (held.stage, held.message, held.evict) == ("Waiting", "clients are not back", "")
    broken = gateway(2, ready=False, waiting="CrashLoopBackOff")
    assert decide("new", [*outdated, broken], 3, gate="clients are not back").rollback == "old"


@pytest.mark.parametrize("waiting", sorted(FAILING))
def test_a_container_that_waits_for_what_will_not_come_is_not_waited_for(waiting: str) -> None:
    pods = [gateway(0, "old"), gateway(1, ready=False, waiting=waiting, steady_s=1.0)]
    decision = decide("new", pods, 2)
    assert (decision.stage, decision.rollback) == ("RollBack", "old")
    assert waiting in decision.message
    creating = [gateway(0, "old"), gateway(1, ready=False, waiting="ContainerCreating", steady_s=1.0)]
    assert decide("new", creating, 2).stage == "Waiting"


def test_time_and_restarts_tell_of_a_bad_revision_but_one_bad_moment_does_not() -> None:
    def stage(**state: Any) -> str:
        return decide("new", [gateway(0, "old"), gateway(1, ready=False, **state)], 2).stage

    assert stage(steady_s=NOT_READY_S) == "Waiting"
    assert stage(steady_s=NOT_READY_S + 1) == "RollBack"
    assert stage(steady_s=1.0, restarts=RESTARTS - 1) == "Waiting"
    assert stage(steady_s=1.0, restarts=RESTARTS) == "RollBack"


def test_who_is_ready_for_a_moment_only_does_not_count_yet() -> None:
    brief = [gateway(0, "old"), gateway(1, steady_s=MIN_READY_S - 0.1)]
    assert decide("new", brief, 2).stage == "Waiting"
    assert decide("new", [gateway(0, "old"), gateway(1, steady_s=float(MIN_READY_S))], 2).evict == "gateway-0"
    assert decide("new", [gateway(0, steady_s=1.0)], 1).stage == "Waiting"


def test_gateways_that_serve_nobody_go_at_once_when_the_newest_revision_works() -> None:
    broken = [gateway(number, "old", ready=False, started=False) for number in (0, 1)]
    assert decide("new", [*broken, gateway(2)], 3).delete == ("gateway-0", "gateway-1")
    assert decide("new", [*broken, gateway(2, ready=False)], 3).delete == ()
    assert decide("new", [*broken, gateway(2, steady_s=1.0), gateway(3)], 4).delete == ()
    assert decide("new", broken, 2).delete == ("gateway-1",)
    assert decide("old", [*broken, gateway(2, ready=False, started=False)], 3, rolled_back=True).delete == (
        "gateway-2",
    )


def test_of_two_revisions_with_as_many_gateways_the_noted_one_is_the_way_back() -> None:
    pods = [gateway(0, "a"), gateway(1, "b"), gateway(2, ready=False, waiting="CrashLoopBackOff")]
    assert decide("new", pods, 3, "a").rollback == "a"
    assert decide("new", pods, 3, "b").rollback == "b"


@pytest.mark.parametrize(
    ("pods", "wanted"),
    [
        ([gateway(0)], 2),
        ([gateway(0, "old"), gateway(1, deleting=True, ready=False)], 2),
        ([gateway(0, "old")], 2),
        ([gateway(0, "old"), gateway(1, deleting=True, ready=False, waiting="CrashLoopBackOff")], 2),
    ],
)
def test_nobody_is_replaced_while_one_is_missing_or_leaves(pods: list[GatewayPod], wanted: int) -> None:
    decision = decide("new", pods, wanted)
    assert (decision.stage, decision.evict, decision.delete) == ("Waiting", "", ())


def ago(seconds: float) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=seconds)).isoformat()


def test_the_time_since_a_gateway_became_ready_or_ceased_to_be_counts_and_not_its_age() -> None:
    def seen(*conditions: dict[str, str], created: Callable[[], str] = lambda: ago(9000)) -> GatewayPod:
        metadata = {"name": "chat-gateway-7", "creationTimestamp": created()}
        return gateway_pod(child_state({"kind": "Pod", "metadata": metadata, "status": {"conditions": conditions}}))

    since = seen({"type": "Ready", "status": "False", "lastTransitionTime": ago(20)})
    assert 19 < since.steady_s < 60
    assert since.ordinal == 7
    assert seen().steady_s > 8000
    assert seen(created=lambda: "").steady_s == MIN_READY_S

"""The number of pods follows the load as a HorizontalPodAutoscaler's would: within bounds, policies and windows."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs_example import inputs_of, spec_of

from parley_operator.desired.autoscalers import behavior
from parley_operator.model.autoscaling import Autoscaling
from parley_operator.reconcile.scaling import Decision, History, decide, recommendation, remember

Policies = Sequence[tuple[str, int, int]]
"""Type, value and period in seconds."""
TARGET: Final = 100.0
BOUNDS: Final = (2, 60)
AUTOSCALING: Final = Autoscaling(mode="operator", max_replicas=60)
QUICK: Final = settings(max_examples=80, deadline=None)

loads: Final = st.lists(st.integers(0, 400).map(float), min_size=1, max_size=12)
policies: Final = st.lists(
    st.tuples(st.sampled_from(("Pods", "Percent")), st.integers(1, 120), st.sampled_from((15, 60, 200))),
    min_size=1,
    max_size=2,
)
windows: Final = st.sampled_from((0, 30, 120))
moments: Final = st.lists(st.tuples(st.sampled_from((5, 15, 40)), st.integers(0, 400)), min_size=1, max_size=40)


def rules(chosen: Policies, window: int) -> dict[str, Any]:
    named = [{"type": kind, "value": value, "periodSeconds": period} for kind, value, period in chosen]
    return {"stabilizationWindowSeconds": window, "selectPolicy": "Max", "policies": named}


def both(up: Policies, down: Policies, up_window: int = 0, down_window: int = 0) -> dict[str, Any]:
    return {"scaleUp": rules(up, up_window), "scaleDown": rules(down, down_window)}


UNLIMITED: Final = both([("Pods", 1000, 15)], [("Pods", 1000, 15)])
DEFAULT: Final = behavior(inputs_of(spec_of()), "sequencer")


@dataclass(frozen=True)
class Moment:
    """What happened at one look: how many pods were there, what was recommended, and how many there are since."""

    at: float
    before: int
    raw: int
    after: int


def lived(
    happenings: Sequence[tuple[int, int]], how: Mapping[str, Any], begin: int = 10, *, metrics: bool = True
) -> list[Moment]:
    """A component's life: after so many seconds, so much load for each pod that is there."""
    now, replicas, history, found = 0.0, begin, History(), []
    for pause, load in happenings:
        now += pause
        values = [float(load)] * replicas if metrics else []
        raw = recommendation(replicas, values, TARGET, 0.1)
        decision = decide(now, replicas, values, TARGET, BOUNDS, AUTOSCALING, how, history)
        found.append(Moment(now, replicas, raw, decision.replicas))
        history = decision.history
        if decision.replicas != replicas:
            history = remember(history, now, decision.replicas - replicas)
        replicas = decision.replicas
    return found


def once(current: int, values: Sequence[float], how: Mapping[str, Any] = UNLIMITED, now: float = 0.0) -> Decision:
    return decide(now, current, values, TARGET, BOUNDS, AUTOSCALING, how, History())


@pytest.mark.parametrize(
    ("current", "values", "wanted"),
    [
        (1, [200], 2),  # "if the current value is 200m, and the desired value is 100m, the number is doubled"
        (4, [50] * 4, 2),  # "if the current value is instead 50m, it is halved"
        (3, [90] * 3, 3),
        (3, [110] * 3, 3),
        (3, [111] * 3, 4),
        (3, [89] * 3, 3),  # 2.67 pods, rounded up
        (3, [60] * 3, 2),
        (10, [90] * 10, 10),
        (10, [110] * 10, 10),
        (7, [430, 770, 0, 0, 0, 0, 3100], 43),  # no pod more than the load needs because of rounding
        (0, [100], 0),
        (5, [], 5),
    ],
)
def test_the_documentation_of_the_autoscaler_gives_these_numbers(
    current: int, values: list[float], wanted: int
) -> None:
    assert recommendation(current, values, TARGET, 0.1) == wanted


@pytest.mark.parametrize(
    ("current", "values", "wanted"),
    [
        (4, [200, 200], 4),  # the two others might do nothing: then there are enough
        (4, [300, 300], 6),
        (4, [50, 50], 3),  # the two others might be at the target
        (4, [0, 0, 0], 1),
        (4, [100, 100], 4),
    ],
)
def test_pods_that_tell_nothing_hold_a_change_back(current: int, values: list[float], wanted: int) -> None:
    assert recommendation(current, values, TARGET, 0.1) == wanted


def test_the_clients_of_a_gateway_that_leaves_count_for_those_that_stay() -> None:
    assert recommendation(4, [85.0] * 5, TARGET, 0.1) == 4
    assert recommendation(4, [96.0] * 5, TARGET, 0.1) == 5


@given(load=loads)
def test_the_load_is_divided_exactly_and_rounded_up(load: list[float]) -> None:
    exact = math.ceil(Fraction(int(sum(load)), int(TARGET)))
    assert recommendation(len(load), load, TARGET, 0.0) == exact


@given(current=st.integers(1, 20), load=loads, tolerance=st.sampled_from((0.0, 0.1, 0.5)))
def test_nothing_changes_within_the_tolerance(current: int, load: list[float], tolerance: float) -> None:
    mean = sum(load) / len(load)
    if len(load) <= current and abs(mean - TARGET) < tolerance * TARGET:
        assert recommendation(current, load, TARGET, tolerance) == current


@given(current=st.integers(1, 20), load=loads, more=loads, tolerance=st.sampled_from((0.0, 0.1)))
def test_more_load_never_wants_fewer_pods(current: int, load: list[float], more: list[float], tolerance: float) -> None:
    raised = [each + extra for each, extra in zip(load, [*more, *[0.0] * len(load)], strict=False)]
    assert recommendation(current, raised, TARGET, tolerance) >= recommendation(current, load, TARGET, tolerance)


@given(told=loads, untold=loads)
def test_missing_pods_never_make_more_of_a_change_than_all_pods_would(told: list[float], untold: list[float]) -> None:
    current = len(told) + len(untold)
    partial = recommendation(current, told, TARGET, 0.1)
    if partial > current:
        assert recommendation(current, told + untold, TARGET, 0.1) >= partial
    if partial < current:
        idle = [min(each, TARGET) for each in untold]
        assert recommendation(current, told + idle, TARGET, 0.1) <= partial


@QUICK
@given(happenings=moments, up=policies, down=policies, up_window=windows, down_window=windows)
def test_the_number_stays_within_its_bounds(
    happenings: list[tuple[int, int]], up: Policies, down: Policies, up_window: int, down_window: int
) -> None:
    life = lived(happenings, both(up, down, up_window, down_window))
    assert all(BOUNDS[0] <= each.after <= BOUNDS[1] for each in life)
    assert once(1, []).replicas == BOUNDS[0]
    assert once(99, []).replicas == BOUNDS[1]


@QUICK
@given(happenings=moments, up=policies, down=policies)
def test_without_metrics_nothing_changes_and_that_is_said(
    happenings: list[tuple[int, int]], up: Policies, down: Policies
) -> None:
    assert all(each.after == 10 for each in lived(happenings, both(up, down), metrics=False))
    assert "no pod told its metrics" in once(10, []).reason


@QUICK
@given(happenings=moments, up=policies, down=policies, up_window=windows, down_window=windows)
def test_a_period_never_sees_more_change_than_a_policy_allows(
    happenings: list[tuple[int, int]], up: Policies, down: Policies, up_window: int, down_window: int
) -> None:
    life = lived(happenings, both(up, down, up_window, down_window))
    for number, each in enumerate(life):
        past = life[: number + 1]
        if each.after > each.before:
            assert any(_raised(past, period) <= _allowed(past, kind, value, period) for kind, value, period in up)
        if each.after < each.before:
            assert any(_lowered(past, period) <= _allowed(past, kind, value, period) for kind, value, period in down)


def _within(past: Sequence[Moment], period: int) -> list[Moment]:
    return [each for each in past if past[-1].at - each.at < period]


def _raised(past: Sequence[Moment], period: int) -> int:
    return sum(max(0, each.after - each.before) for each in _within(past, period))


def _lowered(past: Sequence[Moment], period: int) -> int:
    return sum(max(0, each.before - each.after) for each in _within(past, period))


def _allowed(past: Sequence[Moment], kind: str, value: int, period: int) -> int:
    """A share is one of the pods that were there when the period began, or came in it."""
    window = _within(past, period)
    came = sum(max(0, each.after - each.before) for each in window[:-1])
    down = past[-1].after < past[-1].before
    return value if kind == "Pods" else math.ceil(Fraction((window[0].before + down * came) * value, 100))


@QUICK
@given(happenings=moments, up_window=windows, down_window=windows)
def test_the_mildest_wish_of_a_window_counts(
    happenings: list[tuple[int, int]], up_window: int, down_window: int
) -> None:
    life = lived(happenings, both([("Pods", 1000, 15)], [("Pods", 1000, 15)], up_window, down_window))
    for number, each in enumerate(life):
        past = life[: number + 1]
        highest = max(wish.raw for wish in [each, *_within(past, down_window)])
        lowest = min(wish.raw for wish in [each, *_within(past, up_window)])
        wanted = min(max(each.before, lowest), highest)
        assert each.after == min(BOUNDS[1], max(BOUNDS[0], wanted))


def test_of_two_policies_the_larger_counts_as_in_the_documentation() -> None:
    down = both([("Pods", 1000, 15)], [("Pods", 4, 60), ("Percent", 10, 60)])
    numbers, now, replicas, history = [], 0.0, 80, History()
    for _ in range(11):
        decision = decide(now, replicas, [10.0] * replicas, TARGET, (1, 100), AUTOSCALING, down, history)
        history = remember(decision.history, now, decision.replicas - replicas)
        replicas, now = decision.replicas, now + 60
        numbers.append(replicas)
    assert numbers == [72, 64, 57, 51, 45, 40, 36, 32, 28, 24, 20]


def test_a_share_is_counted_exactly() -> None:
    how = both([("Percent", 10, 60)], [("Percent", 10, 60)])
    load = {"up": [900.0], "down": [0.0]}
    for current, up, down in ((70, 77, 63), (200, 220, 180), (5, 6, 4)):
        found = {
            way: decide(0.0, current, values * current, TARGET, (1, 900), AUTOSCALING, how, History()).replicas
            for way, values in load.items()
        }
        assert found == {"up": up, "down": down}


def test_what_was_done_counts_for_one_period_and_no_longer() -> None:
    how = both([("Pods", 1, 60), ("Pods", 3, 15)], [("Pods", 1, 60), ("Pods", 3, 15)])
    assert [each.after for each in lived([(15, 400)] * 4, how)] == [13, 16, 19, 22]
    assert [each.after for each in lived([(14, 400)] * 4, how)] == [13, 13, 16, 16]
    assert [each.after for each in lived([(15, 0)] * 3, how)] == [7, 4, 2]
    assert [each.after for each in lived([(14, 0)] * 3, how)] == [7, 7, 4]


def test_upwards_the_default_doubles_or_adds_four_each_quarter_of_a_minute_and_waits_for_nothing() -> None:
    life = lived([(15, 400)] * 4, DEFAULT, begin=2)
    assert [each.after for each in life] == [6, 12, 24, 48]
    assert [each.after for each in lived([(15, 400), (5, 400), (5, 400)], DEFAULT, begin=2)] == [6, 6, 6]


def test_downwards_the_default_waits_five_minutes() -> None:
    life = lived([(5, 100), *[(15, 10)] * 21], DEFAULT, begin=10)
    assert [each.after for each in life[:20]] == [10] * 20
    assert life[-1].after < 10


def test_a_gateway_leaves_only_when_the_one_before_could_be_drained() -> None:
    slow = {"gateway": {"drain": {"ratePerSecond": 100}, "autoscaling": {"mode": "operator", "maxReplicas": 60}}}
    how = behavior(inputs_of(spec_of(components=slow)), "gateway")
    life = lived([(5, 1)] * 200, {**how, "scaleDown": {**how["scaleDown"], "stabilizationWindowSeconds": 0}})
    left = [each.at for each in life if each.after < each.before]
    assert all(each.before - each.after <= 1 for each in life)
    assert all(later - earlier >= 250 for earlier, later in itertools.pairwise(left))
    assert len(left) > 2


def test_what_is_remembered_does_not_grow_for_ever() -> None:
    history = History()
    for number in range(2000):
        history = decide(float(number), 10, [100.0] * 10, TARGET, BOUNDS, AUTOSCALING, DEFAULT, history).history
        history = remember(history, float(number), 1)
    assert len(history.recommended) <= 300
    assert len(history.done) <= 61

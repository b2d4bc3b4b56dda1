"""How many pods there should be: the formula, tolerance, windows and policies of the HorizontalPodAutoscaler.

Source: Kubernetes' documentation of horizontal pod autoscaling, "Algorithm details" and "Configurable scaling
behavior". Pure: the time is handed in, and what must be remembered is handed back.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from parley_operator.model.autoscaling import Autoscaling


@dataclass(frozen=True, slots=True)
class History:
    """What was recommended and what was done, each with its time in seconds; older than needed is dropped."""

    recommended: tuple[tuple[float, int], ...] = ()
    done: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The number of pods that should be, and why."""

    replicas: int
    reason: str
    history: History


def recommendation(current: int, values: Sequence[float], target: float, tolerance: float) -> int:
    """Pods for which the mean of `values` would be `target`, or `current` while it is near enough or nothing is known.

    Pods without a value (there are `current` of them) count as if they were at the target when fewer are wanted, and
    as if they had nothing when more are. Values of pods that leave belong to those that stay.
    """
    if current == 0 or not values:
        return current
    load = sum(values)
    ratio = load / min(len(values), current) / target
    missing = max(0, current - len(values))
    filled = load + missing * (target if ratio < 1 else 0.0)
    refilled = filled / current / target
    near = any(1 - tolerance <= each <= 1 + tolerance for each in (ratio, refilled))
    if near or (refilled > 1) != (ratio > 1):
        return current
    return math.ceil(filled / target)


def decide(
    now: float,
    current: int,
    values: Sequence[float],
    target: float,
    bounds: tuple[int, int],
    autoscaling: Autoscaling,
    behavior: Mapping[str, Any],
    history: History,
) -> Decision:
    """The next number of pods. `behavior` has the rules as an autoscaler's object has them."""
    least, most = bounds
    raw = recommendation(current, values, target, autoscaling.behavior.tolerance_percent / 100)
    up, down = behavior["scaleUp"], behavior["scaleDown"]
    kept = max(up["stabilizationWindowSeconds"], down["stabilizationWindowSeconds"])
    recommended = (*((at, count) for at, count in history.recommended if now - at < kept), (now, raw))
    stable = _stabilized(now, current, raw, recommended, up, down)
    done = tuple((at, change) for at, change in history.done if now - at < _longest_period(up, down))
    limited = _limited(now, current, stable, done, up, down)
    wanted = min(most, max(least, limited))
    return Decision(wanted, _reason(current, wanted, values, target, (least, most)), History(recommended, done))


def remember(history: History, now: float, change: int) -> History:
    """The number of pods was changed."""
    return replace(history, done=(*history.done, (now, change)))


def _stabilized(
    now: float,
    current: int,
    raw: int,
    recommended: Sequence[tuple[float, int]],
    up: Mapping[str, Any],
    down: Mapping[str, Any],
) -> int:
    """The least of the upward window, the most of the downward one."""
    lowest = min([raw, *(count for at, count in recommended if now - at < up["stabilizationWindowSeconds"])])
    highest = max([raw, *(count for at, count in recommended if now - at < down["stabilizationWindowSeconds"])])
    return max(lowest, current) if raw > current else min(highest, current) if raw < current else current


def _limited(
    now: float,
    current: int,
    wanted: int,
    done: Sequence[tuple[float, int]],
    up: Mapping[str, Any],
    down: Mapping[str, Any],
) -> int:
    if wanted > current:
        return min(wanted, max(_allowed_up(now, current, done, policy) for policy in up["policies"]))
    if wanted < current:
        return max(wanted, min(_allowed_down(now, current, done, policy) for policy in down["policies"]))
    return current


def _allowed_up(now: float, current: int, done: Sequence[tuple[float, int]], policy: Mapping[str, Any]) -> int:
    added = sum(change for at, change in done if change > 0 and now - at < policy["periodSeconds"])
    begun = current - added
    if policy["type"] == "Pods":
        return max(current, begun + int(policy["value"]))
    return max(current, math.ceil(begun * (100 + int(policy["value"])) / 100))


def _allowed_down(now: float, current: int, done: Sequence[tuple[float, int]], policy: Mapping[str, Any]) -> int:
    removed = -sum(change for at, change in done if change < 0 and now - at < policy["periodSeconds"])
    begun = current + removed
    if policy["type"] == "Pods":
        return min(current, begun - int(policy["value"]))
    return min(current, math.floor(begun * (100 - int(policy["value"])) / 100))


def _longest_period(up: Mapping[str, Any], down: Mapping[str, Any]) -> float:
    return max(float(policy["periodSeconds"]) for rules in (up, down) for policy in rules["policies"])


def _reason(current: int, wanted: int, values: Sequence[float], target: float, bounds: tuple[int, int]) -> str:
    if not values:
        return f"{current} pods; no pod told its metrics"
    mean = f"{sum(values) / len(values):.0f} for each of {len(values)} pods, wanted {target:.0f}"
    edge = f"; bounds {bounds[0]} to {bounds[1]}"
    return f"{current} -> {wanted} pods: {mean}{edge}" if wanted != current else f"{current} pods: {mean}{edge}"

"""Runs every simulation of the page and keeps what came out, so that the page is made again without running them."""

import json
import math
from typing import Any, Final

from e2e.scaling import hot_group, lost_zone, storm
from e2e.scaling.cases import (
    EVENTS,
    GROUP_MEMBERS,
    StormCase,
    chat_for_storm,
    drain_case,
    group_cases,
    storm_case,
    zone_case,
)
from e2e.scaling.loads import COLUMNS, WHOLE
from e2e.scaling.measured_costs import module_of
from e2e.scaling.measurements import CHECKED, SIMULATED, Measurements
from e2e.scaling.replay import replayed
from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import measured_costs as costs
from parley_operator.desired.capacity import Load, needs
from parley_operator.desired.capacity_limits import cell, cells

WITHIN_S: Final = 10.0
"""Chat with room for a storm answers everybody within the deadline of a gateway's call."""

CONVERSATIONS: Final = 20
MOVED: Final = 1
READS: Final = 5 * MOVED
"""Store reads of one resume, counted in the code: five for a conversation in which something happened. The list and the
heads come from the cache. How many conversations somebody has, and in how many something happened, is assumed."""


def inputs() -> dict[str, Any]:
    """What the results rest on: while it is the same, so are they."""
    found = {name: value for name, value in vars(costs).items() if name.isupper()}
    found["columns"] = [[column.load.peak_connections, column.load.messages_per_second] for column in COLUMNS]
    found["checked"] = json.loads(CHECKED.read_text())
    return found


def up_to_date() -> bool:
    """Whether the committed results are those of the committed measurements."""
    if not SIMULATED.exists():
        return False
    kept: dict[str, Any] = json.loads(SIMULATED.read_text())
    return bool(kept["inputs"] == inputs())


def simulate() -> None:
    """Run all of it and write what came out."""
    measured = Measurements.read()
    again = replayed(json.loads(CHECKED.read_text()))
    assert module_of(measured)  # noqa: S101 - every cost is there, before minutes are spent
    document = {
        "made_by": "make scaling",
        "inputs": inputs(),
        "storms": [_storm(column.name, storm_case(column.load, event)) for column in COLUMNS[1:] for event in EVENTS],
        "roomy": [_roomy(column.name, column.load) for column in COLUMNS[1:]],
        "drain": _drain(float(extents.DRAIN_PER_SECOND.value)),
        "groups": [_group(each) for each in _groups(measured, again["group"]["unloaded_ms"])],
        "zones": _zones(),
        "checked": again,
    }
    SIMULATED.write_text(json.dumps(document, indent=1) + "\n")


def _storm(name: str, case: StormCase) -> dict[str, Any]:
    course = storm.simulate(case.storm)
    gateways = case.storm.gateways
    hellos = max(course.hellos.values(), default=0)
    seconds = int(case.storm.horizon_s)
    return {
        "load": name,
        "event": case.event,
        "lost": case.lost,
        "simulated_clients": case.storm.clients,
        "simulated_gateways": gateways,
        "back": {str(share): _finite(course.share_back_at(share)) for share in (0.5, 0.9, 0.99, 1.0)},
        "share_back": round(len(course.back_at) / course.clients, 4),
        "given_up": round(course.given_up / course.clients, 2),
        "unanswered": round(course.unanswered / course.clients, 2),
        "attempts_per_gateway": round(max(course.attempts.values()) / gateways, 1),
        "hellos_per_gateway": round(hellos / gateways, 1),
        "store_reads": round(hellos / case.share * READS),
        "each_second": _each_second(course, seconds),
    }


def _roomy(name: str, load: Load) -> dict[str, Any]:
    """A lost zone, with chat sized for it."""
    pods = chat_for_storm(load, "a zone", WITHIN_S)
    factor = max(1.0, pods / needs(load).pods["chat"])
    return _storm(name, storm_case(load, "a zone", chat_factor=factor)) | {"chat_pods": pods}


def _each_second(course: storm.Course, seconds: int) -> list[float]:
    """The share that is back at the end of each second, until it changes no more."""
    shares, back = [0.0], 0
    for second in range(seconds):
        back += course.welcomes[second]
        shares.append(round(back / course.clients, 4))
    while len(shares) > 1 and shares[-1] == shares[-2]:
        shares.pop()
    return shares


def _drain(per_second: float) -> dict[str, Any]:
    case = drain_case(per_second)
    course = storm.simulate(case)
    return {
        "clients": case.clients,
        "per_second": per_second,
        "all_back": _finite(course.share_back_at(1.0)),
        "busiest_second_per_gateway": round(max(course.attempts.values()) / case.gateways, 1),
    }


def _groups(measured: Measurements, unloaded_ms: float) -> list[hot_group.Group]:
    several = min(GROUP_MEMBERS, needs(WHOLE).pods["gateway"])
    return [each for gateways in (2, several) for each in group_cases(measured, gateways, unloaded_ms / 1_000)]


def _group(group: hot_group.Group) -> dict[str, Any]:
    heard = hot_group.simulate(group)
    return {
        "gateways": group.gateways,
        "per_second": group.per_second,
        "fanout_ms": round(group.fanout_s * 1_000, 2),
        "p50_ms": round(heard.percentile(0.5) * 1_000, 1),
        "p99_ms": round(heard.percentile(0.99) * 1_000, 1),
        "last_p99_ms": round(heard.last_member(0.99) * 1_000, 1),
        "backlog": heard.backlog,
    }


def _zones() -> list[dict[str, Any]]:
    one = cell(WHOLE, cells(WHOLE))
    cases = [(column.name, zone_case(column.load)) for column in COLUMNS[1:]]
    cases.append((f"one of {cells(WHOLE)} cells", zone_case(one)))
    return [_zone(name, loss) for name, loss in cases]


def _zone(name: str, loss: lost_zone.ZoneLoss) -> dict[str, Any]:
    found = lost_zone.simulate(loss)
    return {
        "load": name,
        "per_second": round(loss.per_second),
        "left": round(loss.left, 2),
        "most_waiting": round(found.most_waiting),
        "drained_at": round(found.drained_at, 1),
        "refusals": round(found.refusals / found.sent, 2),
        "delay_p50_s": round(found.delay(0.5), 2),
        "delay_p99_s": round(found.delay(0.99), 1),
        "delay_most_s": round(found.delay(1.0), 1),
    }


def _finite(seconds: float) -> float | None:
    return None if math.isinf(seconds) else round(seconds, 2)

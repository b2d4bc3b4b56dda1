"""The simulations of exactly what the check ran, with the costs that its first runs gave."""

from collections.abc import Mapping
from typing import Any, Final

from e2e.scaling import hot_group, storm
from e2e.scaling.constants import RESUME_SHARE
from e2e.scaling.hot_group import Group
from e2e.scaling.real_storm import quantiles
from e2e.scaling.storm import Storm

CORES: Final = 2
"""Of the machine on which the committed check ran."""

_STORM_PATH: Final = ("gateway", "chat", "client")
_GROUP_PATH: Final = ("gateway", "chat", "sequencer", "fanout")


def replayed(checked: Mapping[str, Any]) -> dict[str, Any]:
    """What the simulations say of each run of the check."""
    storms = checked["storms"]
    found = [storm.simulate(_storm(storms["costs_us"], each)) for each in storms["seen"]]
    return {"storms": [quantiles(course.back_at) for course in found], "group": _group(checked["group"])}


def _storm(costs_us: Mapping[str, float], seen: Mapping[str, Any]) -> Storm:
    costs = {role: cost / 1e6 for role, cost in costs_us.items()}
    return Storm(
        clients=seen["clients"],
        gateways=1,
        chat_cores=1.0,
        gateway_s=costs["gateway"],
        chat_s=costs["chat"] * RESUME_SHARE,
        chat_after_s=costs["chat"] * (1 - RESUME_SHARE),
        client_s=costs["client"],
        engine_s=sum(cost for role, cost in costs.items() if role not in _STORM_PATH),
        machine_cores=CORES,
        drain_ms=seen["drain_ms"],
        gateway_spare=1 - seen["others"],
        chat_spare=1 - seen["others"],
    )


def _group(seen: Mapping[str, Any]) -> dict[str, Any]:
    """Hops and engines take what the calm pace took beyond the work; the hot pace adds the waiting."""
    calm, hot = seen["calm"], seen["hot"]
    bare = hot_group.simulate(group_of(seen, calm, 0.0))
    unloaded_s = max(0.0, calm["p50_ms"] / 1_000 - bare.percentile(0.5))
    heard = hot_group.simulate(group_of(seen, hot, unloaded_s))
    shown = {"p50": heard.percentile(0.5), "p99": heard.percentile(0.99), "last p99": heard.last_member(0.99)}
    return {"unloaded_ms": round(unloaded_s * 1_000, 1)} | {
        name: round(seconds * 1_000, 1) for name, seconds in shown.items()
    }


def group_of(seen: Mapping[str, Any], pace: Mapping[str, Any], unloaded_s: float) -> Group:
    """The group of the check at one of its paces, with the costs of a message at the calm one."""
    costs = {role: cost / 1e6 for role, cost in seen["calm"]["costs_us"].items()}
    return Group(
        members=seen["members"],
        gateways=seen["gateways"],
        per_second=pace["per_second"],
        seconds=20.0,
        chat_s=costs["chat"],
        sequencer_s=costs["sequencer"],
        fanout_s=costs["fanout"],
        delivery_s=costs["gateway"] / seen["members"],
        unloaded_s=unloaded_s,
        beside_s=sum(cost for role, cost in costs.items() if role not in _GROUP_PATH),
        machine_cores=CORES,
        spare=1 - pace["others"],
    )

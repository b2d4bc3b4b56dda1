"""Runs small real storms and a small real hot group, and keeps what was seen for the comparison (`replay.py`).

The first of each kind gives the costs, which the simulation of the others then uses: it is never fitted to what it is
compared with.
"""

import json
import os
import platform as machine
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import uvloop

from e2e.bench.drivers.lean_socket import LeanSocket
from e2e.scaling.hot_group import percentile
from e2e.scaling.measurements import CHECKED, FOLDER
from e2e.scaling.real_group import HotGroup, Paced
from e2e.scaling.real_platform import Idle, RealPlatform, idle_of, running
from e2e.scaling.real_storm import Crowd, Seen, quantiles

CONNECTIONS: Final = FOLDER / "connections.json"
PEOPLE: Final = 400
CONVERSATIONS: Final = 3
IDLE_SOCKETS: Final = 1_000
MEMBERS: Final = 200
FEW_MEMBERS: Final = 50
"""A second group, so that what each member costs is known apart from what each message costs."""
CALM, HOT = 5.0, 20.0
_DRAIN_MS: Final = 10_000


async def check(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run everything; returns what was seen, and the costs as rows."""
    async with running(folder) as real:
        idle = await idle_of(real)
        say("measuring what idle connections hold")
        memory = await _memory(real)
        storms, costs = await _storms(real, idle)
        few = await _few(real, idle)
        calm, hot = await _group(real, idle)
    made_on = f"{os.cpu_count()} cores, Python {machine.python_version()}, Parley {version('parley')}"
    seen = {
        "made_by": "make scaling-check",
        "machine": made_on,
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "people": PEOPLE,
        "conversations_each": 2 * CONVERSATIONS,
        "storms": storms,
        "group": _group_seen(calm, hot),
    }
    return seen, {"made_by": "make scaling-check", "machine": made_on, "rows": _rows(memory, costs, few, hot)}


async def _memory(real: RealPlatform) -> float:
    before = real.memory(1)
    sockets = [
        await LeanSocket.open(real.direct(1), real.token(f"idle-{number}"), lambda _: None)
        for number in range(IDLE_SOCKETS)
    ]
    held = (real.memory(1) - before) / IDLE_SOCKETS
    for socket in sockets:
        socket.close()
    return held


async def _storms(real: RealPlatform, idle: Idle) -> tuple[dict[str, Any], dict[str, float]]:
    crowd = Crowd(real, idle)
    say(f"{PEOPLE} people connect and talk")
    await crowd.gather(PEOPLE, CONVERSATIONS)
    await crowd.lose(1)  # what is done for the first time takes longer
    await real.start_again(1)
    first = await crowd.lose(2)
    say(f"calibrated with {len(first.back_at)} people: {_shown(first.costs)}")
    await real.start_again(2)
    found, seen = [], [first]
    for number, drain in ((1, False), (2, False), (1, True)):
        seen.append(await crowd.lose(number, drain=drain))
        await real.start_again(number)
        found.append(_storm_seen(seen[-1], drain=drain))
        say(json.dumps(found[-1]))
    await crowd.leave()
    killed = seen[:3]
    calibrated = {"costs_us": _us(first.costs), "clients": len(first.back_at), "seen": found}
    return calibrated, {role: sum(each.costs[role] for each in killed) / len(killed) for role in first.costs}


def _storm_seen(seen: Seen, *, drain: bool) -> dict[str, Any]:
    return {
        "what": "gateway drained" if drain else "gateway killed",
        "drain_ms": _DRAIN_MS if drain else 0,
        "clients": len(seen.back_at),
        "others": round(seen.others, 2),
        "real": quantiles(seen.back_at),
    }


async def _few(real: RealPlatform, idle: Idle) -> Paced:
    group = HotGroup(real, idle, "few")
    say(f"a group of {FEW_MEMBERS}")
    await group.open(FEW_MEMBERS)
    await group.pace(CALM, 5.0)
    found = await group.pace(HOT, 15.0)
    group.close()
    say(f"it costs {_shown(found.costs)}")
    return found


async def _group(real: RealPlatform, idle: Idle) -> tuple[Paced, Paced]:
    group = HotGroup(real, idle, "hot")
    say(f"a group of {MEMBERS}")
    await group.open(MEMBERS)
    await group.pace(CALM, 5.0)  # what is done for the first time takes longer
    calm = await group.pace(CALM, 20.0)
    say(f"calibrated: {_shown(calm.costs)}")
    hot = await group.pace(HOT, 20.0)
    group.close()
    return calm, hot


def _group_seen(calm: Paced, hot: Paced) -> dict[str, Any]:
    return {
        "members": MEMBERS,
        "gateways": 2,
        "deliveries": len(hot.latencies),
        "calm": {
            "per_second": CALM,
            "others": round(calm.others, 2),
            "p50_ms": _ms(percentile(calm.latencies, 0.5)),
            "costs_us": _us(calm.costs),
        },
        "hot": {"per_second": HOT, "others": round(hot.others, 2)},
        "real": {
            "p50": _ms(percentile(hot.latencies, 0.5)),
            "p99": _ms(percentile(hot.latencies, 0.99)),
            "last p99": _ms(percentile(hot.last, 0.99)),
        },
    }


def _us(costs: Mapping[str, float]) -> dict[str, int]:
    return {role: round(cost * 1e6) for role, cost in sorted(costs.items())}


def _rows(memory: float, costs: Mapping[str, float], few: Paced, hot: Paced) -> list[dict[str, Any]]:
    """What the model takes from here."""
    rows = [("connect", f"cpu {role}", cost * 1e6, "us/connection") for role, cost in sorted(costs.items())]
    rows.append(("idle", "memory gateway", memory, "bytes/connection"))
    for name, members, paced in (("small group", FEW_MEMBERS, few), ("group", MEMBERS, hot)):
        rows += [(name, f"cpu {role}", cost * 1e6, "us/message") for role, cost in sorted(paced.costs.items())]
        rows.append((name, "members", members, "people"))
    return [
        {"workload": workload, "product": "parley", "metric": metric, "value": round(value), "unit": unit}
        for workload, metric, value, unit in rows
    ]


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 1)


def _shown(costs: Mapping[str, float]) -> str:
    return ", ".join(f"{role} {cost * 1e6:.0f} us" for role, cost in sorted(costs.items()))


def say(text: str) -> None:
    """Show progress."""
    print(f"scaling: {text}", file=sys.stderr, flush=True)


def run() -> int:
    """Check, and write what was seen; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="parley-scaling-") as folder:
        seen, costs = uvloop.run(check(Path(folder)))
    CHECKED.write_text(json.dumps(seen, indent=2) + "\n")
    CONNECTIONS.write_text(json.dumps(costs, indent=2) + "\n")
    say(f"wrote {CHECKED.name} and {CONNECTIONS.name}; `make scaling` brings them into the page")
    return 0

"""The table of `top`: ChatClusters, their parts, and gateways that send their clients away; pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from parley_operator.cli.show.conditions_shown import first_attention
from parley_operator.cli.table import duration, table
from parley_operator.desired.names import COMPONENT, INSTANCE

Key = tuple[str, str]
_HEADER: Final = ("CLUSTER", "PART", "READY", "UPDATED", "CONNECTIONS", "LAG", "STATE")
_ELLIPSIS: Final = "..."


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen at one time: ChatClusters, pods that leave, and the clients that these still have."""

    clusters: Sequence[Mapping[str, Any]]
    leaving: Sequence[Mapping[str, Any]] = ()
    clients: Mapping[Key, int] = field(default_factory=dict)


def key_of(body: Mapping[str, Any]) -> Key:
    """Namespace and name."""
    return body["metadata"]["namespace"], body["metadata"]["name"]


def top_lines(sight: Sight, now: dt.datetime) -> list[str]:
    """The table."""
    rows: list[Sequence[object]] = []
    for cluster in sight.clusters:
        rows.extend(_rows(cluster, sight, now))
    return table(_HEADER, rows)


def _rows(cluster: Mapping[str, Any], sight: Sight, now: dt.datetime) -> list[Sequence[object]]:
    namespace, name = key_of(cluster)
    status = cluster.get("status") or {}
    phase = status.get("phase") or "Pending"
    attention = first_attention(status.get("conditions") or [])
    parts = status.get("components") or []
    counts = (f"{_sum(parts, 'ready')}/{_sum(parts, 'desired')}", _sum(parts, "updated")) if parts else (None, None)
    total = ("all", *counts, status.get("connections"), status.get("lag"))
    rows: list[Sequence[object]] = [(f"{namespace}/{name}", *total, f"{phase}: {attention}" if attention else phase)]
    for part in parts:
        role = part["name"]
        pods = (f"{part.get('ready', 0)}/{part.get('desired', 0)}", part.get("updated", 0))
        state = _rollout(status) if role == "gateway" else ""
        rows.append((" ", role, *pods, part.get("connections"), part.get("lag"), state or part.get("scaling") or " "))
        rows.extend(_leaving(pod, sight, now) for pod in sight.leaving if _belongs(pod, namespace, name, role))
    return rows


def _sum(parts: Sequence[Mapping[str, Any]], field: str) -> int:
    return sum(part.get(field, 0) for part in parts)


def _belongs(pod: Mapping[str, Any], namespace: str, name: str, role: str) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return bool(key_of(pod)[0] == namespace and labels.get(INSTANCE) == name and labels.get(COMPONENT) == role)


def _rollout(status: Mapping[str, Any]) -> str:
    rollout = status.get("rollout")
    return f"{rollout.get('stage', '')}: {rollout.get('message', '')}" if rollout else ""


def _leaving(pod: Mapping[str, Any], sight: Sight, now: dt.datetime) -> Sequence[object]:
    """A pod that ends: what it still has, and how much of its time is over."""
    metadata = pod["metadata"]
    grace = int(metadata.get("deletionGracePeriodSeconds") or 0)
    until = dt.datetime.fromisoformat(metadata["deletionTimestamp"])
    over = grace - int((until - now).total_seconds())
    state = f"leaves, {duration(min(max(over, 0), grace))} of {duration(grace)} are over"
    return (" ", f"  {metadata['name']}", " ", " ", sight.clients.get(key_of(pod)), " ", state)


def screen(lines: Sequence[str], width: int, height: int) -> list[str]:
    """As much as a terminal can show, with a word about the rest."""
    shown = [line if len(line) <= width else line[: max(0, width - len(_ELLIPSIS))] + _ELLIPSIS for line in lines]
    if len(shown) <= height:
        return shown
    return [*shown[: height - 1], f"({len(shown) - height + 1} more lines: make the window larger, or use --once)"]


def drawing(lines: Sequence[str]) -> str:
    """Draw over what was drawn before, in codes that every terminal knows."""
    return "\x1b[H" + "".join(f"{line}\x1b[K\n" for line in lines) + "\x1b[J"

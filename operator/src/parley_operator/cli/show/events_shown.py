"""Events in the order in which they happened; pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from parley.contract import ROLES
from parley_operator.cli.table import table


def events_text(events: Sequence[Mapping[str, Any]]) -> str:
    """A table, the latest event last."""
    rows = [
        (
            when(event),
            event.get("type"),
            event.get("reason"),
            f"{event['involvedObject'].get('kind', '')}/{event['involvedObject'].get('name', '')}",
            event.get("count") or (event.get("series") or {}).get("count") or 1,
            event.get("message"),
        )
        for event in sorted(events, key=when)
    ]
    return "\n".join((*table(("LAST", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE"), rows), ""))


def when(event: Mapping[str, Any]) -> str:
    """When it happened last; there are three ways to say it."""
    series = (event.get("series") or {}).get("lastObservedTime")
    return str(series or event.get("lastTimestamp") or event.get("eventTime") or event.get("firstTimestamp") or "")


def is_about(event: Mapping[str, Any], cluster: str, uids: Collection[str | None]) -> bool:
    """Whether an event is about a ChatCluster, its objects, or pods of it that are gone by now."""
    about = event["involvedObject"]
    name = about.get("name", "")
    gone = any(name == f"{cluster}-{role}" or name.startswith(f"{cluster}-{role}-") for role in ROLES)
    return name == cluster or gone or about.get("uid") in uids

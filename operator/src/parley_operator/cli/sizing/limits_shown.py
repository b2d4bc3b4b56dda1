"""What `size` says of where one ChatCluster ends: how many are needed, and each limit in the order of being reached."""

from collections.abc import Iterator
from typing import Any

from parley_operator.cli.table import table
from parley_operator.desired.capacity import Load
from parley_operator.desired.capacity_limits import Reached, cells, reached


def limits_text(load: Load) -> str:
    """A table, the limit that a growing load reaches first on top, and what then."""
    found = reached(load)
    rows = [(each.limit.name, _used(each), _at(load, each), each.limit.source) for each in found]
    lines = [
        *table(("LIMIT", "OF ONE CHATCLUSTER", "REACHED AT", "SOURCE"), rows),
        "",
        *(line for each in found if each.used > each.limit.most for line in _beyond(each)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def limits_document(load: Load) -> dict[str, Any]:
    """The same for programs, and how many ChatClusters carry the load within all of them."""
    return {"cells": cells(load), "limits": [_document(load, each) for each in reached(load)]}


def _used(each: Reached) -> str:
    return f"{each.used:,} of {each.limit.most:,} {each.limit.unit}"


def _at(load: Load, each: Reached) -> str:
    if each.within:
        return "never"
    most = each.load(load)
    return f"{most.peak_connections:,} connections, {most.messages_per_second:,} messages/s"


def _beyond(each: Reached) -> Iterator[str]:
    yield f"! {each.limit.name}: beyond it {each.limit.then}"
    yield f"  what lifts it: {each.limit.remedy}"


def _document(load: Load, each: Reached) -> dict[str, Any]:
    fits = each.load(load)
    return {
        "name": each.limit.name,
        "unit": each.limit.unit,
        "used": each.used,
        "most": each.limit.most,
        "fitsConnections": None if each.within else fits.peak_connections,
        "fitsMessagesPerSecond": None if each.within else fits.messages_per_second,
        "splits": each.limit.splits,
    }

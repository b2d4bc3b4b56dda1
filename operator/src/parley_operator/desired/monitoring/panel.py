"""What a Grafana dashboard is made of; the same input always gives the same text."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Board = dict[str, Any]
Kind = Literal["timeseries", "stat"]

_SCHEMA_VERSION: Final = 39
"""Of Grafana 11; newer ones migrate it when they load it."""
_COLUMNS: Final = 24
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_HEIGHTS: Final[dict[Kind, int]] = {"timeseries": 8, "stat": 4}


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, and what its series are called in the legend."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture. `unit` is Grafana's name of it; beyond `limit` values are red; `stacked` series add up to a whole."""

    title: str
    description: str
    unit: str
    queries: Sequence[Query]
    kind: Kind = "timeseries"
    width: int = 12
    limit: float | None = None
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A row with panels below it."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable: one or several values of a label, all of them at first."""

    name: str
    title: str
    metric: str
    label: str


def dashboard(
    uid: str, title: str, description: str, interval: str, sections: Iterable[Section], choices: Iterable[Choice] = ()
) -> Board:
    """A dashboard. `interval` is how often metrics are read; rates never look at less than four of these."""
    return {
        "uid": uid,
        "title": title,
        "description": description,
        "tags": ["parley"],
        "schemaVersion": _SCHEMA_VERSION,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "links": [{"type": "dashboards", "title": "Parley", "tags": ["parley"], "asDropdown": True, "keepTime": True}],
        "annotations": {"list": []},
        "templating": {"list": [_data_source(), *(_variable(choice) for choice in choices)]},
        "panels": _placed(sections, interval),
    }


def dashboard_text(board: Board) -> str:
    """The dashboard as a file."""
    return json.dumps(board, indent=1, sort_keys=True) + "\n"


def _data_source() -> Board:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1}


def _variable(choice: Choice) -> Board:
    query = f"label_values({choice.metric}, {choice.label})"
    return {
        "name": choice.name,
        "label": choice.title,
        "type": "query",
        "datasource": _SOURCE,
        "definition": query,
        "query": {"query": query, "refId": choice.name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def _placed(sections: Iterable[Section], interval: str) -> list[Board]:
    """From left to right and from top to bottom."""
    found: list[Board] = []
    y = 0
    for section in sections:
        place = {"h": 1, "w": _COLUMNS, "x": 0, "y": y}
        row = {"type": "row", "title": section.title, "collapsed": False, "gridPos": place, "panels": []}
        found.append({"id": len(found) + 1, **row})
        x, y, tallest = 0, y + 1, 0
        for panel in section.panels:
            height = _HEIGHTS[panel.kind]
            if x + panel.width > _COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            position = {"h": height, "w": panel.width, "x": x, "y": y}
            found.append({"id": len(found) + 1, **_drawn(panel, interval), "gridPos": position})
            x, tallest = x + panel.width, max(tallest, height)
        y += tallest
    return found


def _drawn(panel: Panel, interval: str) -> Board:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "interval": interval,
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
        "options": _options(panel.kind),
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": _SOURCE,
                "expr": query.expression,
                "legendFormat": query.legend,
                "instant": panel.kind == "stat",
                "range": panel.kind != "stat",
            }
            for number, query in enumerate(panel.queries)
        ],
    }


def _field(panel: Panel) -> Board:
    steps: list[Board] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    field: Board = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == "stat":
        return {**field, "color": {"mode": "thresholds"}}
    custom = {
        "drawStyle": "line",
        "lineWidth": 1,
        "fillOpacity": 30 if panel.stacked else 10,
        "showPoints": "never",
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "off" if panel.limit is None else "line"},
    }
    return {**field, "color": {"mode": "palette-classic"}, "custom": custom}


def _options(kind: Kind) -> Board:
    if kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "graphMode": "none"}
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }

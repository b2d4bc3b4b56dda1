"""Dashboards show what exists, each picture explains itself, and the same input gives the same text."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from inputs_example import everything, inputs_of, spec_of
from monitoring_made import BOARDS, boards_of, expressions, pictures, promtool

from parley_operator.cli.install.chart_files import chart_files, write
from parley_operator.desired.inputs import MONITORING_API, Inputs
from parley_operator.desired.monitoring import monitoring
from parley_operator.desired.monitoring.operator_dashboard import operator_dashboard

CHART = Path(__file__).parents[2] / "chart"
COLUMNS = 24


each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


def test_there_are_three_dashboards() -> None:
    assert sorted(BOARDS) == ["operator.json", "parley-talk-chat-gateways.json", "parley-talk-chat-platform.json"]


@each_board
def test_every_picture_has_unit_description_legend_and_the_chosen_data_source(board: dict[str, Any]) -> None:
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert board["templating"]["list"][0]["type"] == "datasource"
    for panel in pictures(board):
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["datasource"] == source
        for target in panel["targets"]:
            assert target["legendFormat"], panel["title"]
            assert target["datasource"] == source
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@each_board
def test_no_picture_lies_on_another_or_beyond_the_edge(board: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert taken.isdisjoint(cells), panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@each_board
def test_a_variable_that_an_expression_uses_is_one_that_can_be_chosen(board: dict[str, Any]) -> None:
    known = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval"}
    for expression in expressions(board):
        assert set(re.findall(r"\$(\w+)", expression)) <= known, expression


@pytest.mark.slow
@each_board
def test_prometheus_understands_every_expression(tmp_path: Path, board: dict[str, Any]) -> None:
    rules = [
        {"record": f"picture:{number}", "expr": re.sub(r"\$\w+", "5m", expression)}
        for number, expression in enumerate(expressions(board))
    ]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
    promtool("check", "rules", "rules.yaml", folder=tmp_path)


def test_dashboards_of_two_chat_clusters_can_live_in_one_grafana() -> None:
    spec = spec_of(monitoring={"dashboards": True})
    here = inputs_of(spec)
    there = Inputs("talk-chat", "x", "uid", spec, here.around)
    one, other = boards_of(here), boards_of(there)
    assert one.keys().isdisjoint(other)
    uids = [board["uid"] for board in (*one.values(), *other.values(), operator_dashboard())]
    assert len(set(uids)) == len(uids)
    assert all(len(uid) <= 40 for uid in uids), "Grafana's limit"
    assert boards_of(here) == one


def test_each_rate_looks_at_least_at_four_of_the_intervals_at_which_metrics_are_read() -> None:
    for board in boards_of(everything(monitoring={"dashboards": True, "intervalSeconds": 120})).values():
        assert {panel["interval"] for panel in pictures(board)} == {"120s"}


def test_what_is_made_follows_what_is_asked_for_and_what_is_there() -> None:
    def kinds(**asked: Any) -> list[str]:
        return [each["kind"] for each in monitoring(inputs_of(spec_of(monitoring=asked), apis=[MONITORING_API]))]

    assert kinds() == ["PodMonitor", "PrometheusRule"]
    assert kinds(dashboards=True) == ["PodMonitor", "PrometheusRule", "ConfigMap"]
    assert kinds(enabled=False, dashboards=True) == ["ConfigMap"]
    assert monitoring(inputs_of()) == [], "without the Prometheus operator there is nobody to read them"


def test_the_charts_files_are_what_the_code_says(tmp_path: Path) -> None:
    write(tmp_path)
    for name, text in chart_files().items():
        assert (CHART / name).read_text() == text, "run `make golden`"
        assert (tmp_path / name).read_text() == text

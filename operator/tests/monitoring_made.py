"""All alerts and dashboards of a ChatCluster and of the operator, and the program that tries them."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from e2e.cluster.failure import ClusterError
from e2e.cluster.host.go_programs import PROMTOOL, built
from monitoring_examples import watched

from parley_operator.desired.inputs import Inputs
from parley_operator.desired.monitoring import monitoring
from parley_operator.desired.monitoring.operator_alerts import operator_alert_groups
from parley_operator.desired.monitoring.operator_dashboard import operator_dashboard
from parley_operator.desired.monitoring.prometheus_rule import rule_groups


def boards_of(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """The dashboards of a ChatCluster, by the names of their files."""
    config_map = monitoring(inputs)[-1]
    assert config_map["kind"] == "ConfigMap"
    return {name: json.loads(text) for name, text in config_map["data"].items()}


RUNBOOKS: Final = Path(__file__).parents[2] / "docs" / "runbooks"
GROUPS: Final = [*rule_groups(watched()), *operator_alert_groups()["groups"]]
RULES: Final[dict[str, Any]] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
BOARDS: Final = {**boards_of(watched()), "operator.json": operator_dashboard()}


def pictures(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The panels that show something."""
    return (panel for panel in board["panels"] if panel["type"] != "row")


def expressions(board: dict[str, Any]) -> Iterator[str]:
    """What a dashboard asks Prometheus for."""
    return (target["expr"] for panel in pictures(board) for target in panel["targets"])


def runbook_queries() -> list[str]:
    """What the runbooks ask Prometheus for; one query a line."""
    pages = [page.read_text() for page in sorted(RUNBOOKS.glob("*.md"))]
    return [
        query
        for page in pages
        for block in re.findall(r"```promql\n(.*?)```", page, re.DOTALL)
        for query in block.splitlines()
    ]


@cache
def _promtool() -> str:
    return str(built(PROMTOOL, print))


def promtool(*arguments: str, folder: Path) -> None:
    """Run it. It is built once and kept; where it cannot be, the test is left out, but never in CI."""
    try:
        program = _promtool()
    except ClusterError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"promtool cannot be had: {error}")
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, re.sub(r"\n\n+", "\n", f"{done.stdout}\n{done.stderr}")

"""Files of the Helm chart that are made from code. Run this module to write them: it needs the chart's folder."""

import sys
from pathlib import Path
from typing import Final

import yaml

from parley_operator.desired.monitoring.operator_alerts import operator_alert_groups
from parley_operator.desired.monitoring.operator_dashboard import operator_dashboard
from parley_operator.desired.monitoring.panel import dashboard_text

_HEAD: Final = "# Made by `make golden`; change the code instead.\n"


def chart_files() -> dict[str, str]:
    """Their texts, by their paths below the chart's folder."""
    alerts = yaml.safe_dump(operator_alert_groups(), sort_keys=False, width=120)
    return {
        "files/alerts.yaml": _HEAD + alerts,
        "files/dashboards/operator.json": dashboard_text(operator_dashboard()),
    }


def write(chart: Path) -> None:
    """Write them into a chart."""
    for name, text in chart_files().items():
        path = chart / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))

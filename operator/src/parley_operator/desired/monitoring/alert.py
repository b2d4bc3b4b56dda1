"""An alert: what is wrong, how urgent it is, and where it is written what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from parley_operator.desired.inputs import Manifest

RUNBOOKS: Final = "https://parley.chat/docs/runbooks/"
"""Where the pages of docs/runbooks are read; each alert has one of its own name."""

Severity = Literal["critical", "warning"]
"""`critical` wakes somebody up: people cannot chat, or soon will not. `warning` is looked at on a working day."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule of Prometheus.

    `expression` gives the series that are wrong; they must be so for `lasting` without a break before anybody is told.
    `summary` says what happened and to what, in one line; `description` gives the value and what to do next.
    """

    name: str
    severity: Severity
    lasting: str
    expression: str
    summary: str
    description: str

    def rule(self, labels: Mapping[str, str]) -> Manifest:
        """The rule as Prometheus reads it, with these labels on each alert."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.lasting,
            "labels": {"severity": self.severity, **labels},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": f"{RUNBOOKS}{self.name}/",
            },
        }


def rule_group(name: str, alerts: Iterable[Alert], labels: Mapping[str, str]) -> Manifest:
    """A group, whose rules are evaluated one after the other at the same time stamp."""
    return {"name": name, "rules": [alert.rule(labels) for alert in alerts]}

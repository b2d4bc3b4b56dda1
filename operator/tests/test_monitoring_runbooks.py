"""Whoever is woken up finds a page that tells what to do."""

import re
from pathlib import Path

import pytest
import yaml
from monitoring_made import RULES, RUNBOOKS, promtool, runbook_queries

from parley_operator.reconcile.catalogue import CONDITION_NAMES, EVENT_NAMES, REASON_NAMES

ROOT = RUNBOOKS.parents[1]
HEADINGS = ["Impact", "Look", "Likely causes", "What to do"]
LOGGED = ("batch failed", "clients must resync", "record set aside", "unexpected fault", "chat did not answer")
LOGGED_BY_OPERATOR = ("a pass failed", "the lease was lost", "the watches ended", "waiting")
each_alert = pytest.mark.parametrize("name", RULES)


def page(name: str) -> str:
    return (RUNBOOKS / f"{name}.md").read_text()


@each_alert
def test_an_alert_has_a_page_with_impact_commands_causes_and_steps(name: str) -> None:
    text = page(name)
    assert text.startswith(f"# {name}\n\nSeverity: {RULES[name]['labels']['severity']}. ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    sections = dict(zip(HEADINGS, re.split(r"^## .*$", text, flags=re.MULTILINE)[1:], strict=True))
    assert "```" in sections["Look"]
    assert "\n* " in sections["Likely causes"]
    assert "\n1. " in sections["What to do"]


def test_no_page_is_left_of_an_alert_that_is_gone() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {*RULES, "index"}


def test_the_index_lists_every_alert_with_its_severity() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| (\w+) \| .+ \|$", page("index"), re.MULTILINE)
    assert rows == [(name, rule["labels"]["severity"]) for name, rule in RULES.items()]


@each_alert
def test_a_page_names_only_alerts_and_words_of_the_operator_that_exist(name: str) -> None:
    text = page(name)
    assert set(re.findall(r"\bParley[A-Z]\w+", text)) <= RULES.keys()
    said = {word for word in re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", text) if word not in {"Delete", "Retain"}}
    assert said <= {*CONDITION_NAMES, *REASON_NAMES, *EVENT_NAMES}


def test_what_pages_look_for_in_logs_is_what_is_logged() -> None:
    pages = "".join(page(name) for name in RULES)
    services = "".join(path.read_text() for path in (ROOT / "services" / "src" / "parley").rglob("*.py"))
    operator = "".join(path.read_text() for path in (ROOT / "operator" / "src" / "parley_operator").rglob("*.py"))
    for text in LOGGED:
        assert text in pages
        assert re.search(rf'_log\.\w+\(\s*"{text}', services), text
    for text in LOGGED_BY_OPERATOR:
        assert text in pages
        assert f'"{text}"' in operator, text


@pytest.mark.slow
def test_prometheus_understands_every_query_of_the_pages(tmp_path: Path) -> None:
    rules = [{"record": f"page:{number}", "expr": query} for number, query in enumerate(runbook_queries())]
    assert len(rules) > len(RULES) / 2
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
    promtool("check", "rules", "rules.yaml", folder=tmp_path)

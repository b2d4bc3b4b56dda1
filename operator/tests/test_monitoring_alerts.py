"""Every alert fires when it should, stays quiet when it nearly should, and can be acted upon."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from inputs_example import inputs_of, spec_of
from monitoring_examples import Example, Series, watched
from monitoring_examples_messages import LOG_EXAMPLES, MESSAGE_EXAMPLES
from monitoring_examples_operator import CHAT_CLUSTER_EXAMPLES, OPERATOR_EXAMPLES
from monitoring_examples_pods import GATEWAY_EXAMPLES, POD_EXAMPLES
from monitoring_made import GROUPS, RULES, promtool

from parley_operator.desired.monitoring.alert import RUNBOOKS
from parley_operator.desired.monitoring.prometheus_rule import rule_groups

OF_A_CHAT_CLUSTER = (*MESSAGE_EXAMPLES, *GATEWAY_EXAMPLES, *LOG_EXAMPLES, *POD_EXAMPLES)
EXAMPLES = (*OF_A_CHAT_CLUSTER, *OPERATOR_EXAMPLES, *CHAT_CLUSTER_EXAMPLES)
ABOUT_PODS = [
    example for example in OF_A_CHAT_CLUSTER if not re.search(r"absent\(|certmanager", RULES[example.alert]["expr"])
]
"""Not those that tell of pods that are not there, or of no pods at all."""
SIMILAR = ("chat-chat", "chat-gateway", "chat-two", "my-chat")
named = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.alert)


def expected(example: Example, series: Series, alerts: int) -> dict[str, Any]:
    """Alerts count only with every label that their texts name: an empty one would tell nobody what it is about."""
    texts = " ".join(RULES[example.alert]["annotations"].values())
    labels = "".join(f',{label}!=""' for label in sorted(set(re.findall(r"\$labels\.(\w+)", texts))))
    firing = f'count by (alertname) (ALERTS{{alertname="{example.alert}",alertstate="firing"{labels}}})'
    samples = [{"labels": f'{{alertname="{example.alert}"}}', "value": alerts}] if alerts else []
    return {
        "interval": example.interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": firing, "eval_time": example.at, "exp_samples": samples}],
    }


def evaluate(folder: Path, example: Example, *tests: dict[str, Any]) -> None:
    rules = {"groups": [{"name": "one", "rules": [RULES[example.alert]]}]}
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    asked = {"rule_files": ["rules.yaml"], "evaluation_interval": example.interval, "tests": list(tests)}
    (folder / "test.yaml").write_text(yaml.safe_dump(asked))
    promtool("test", "rules", "test.yaml", folder=folder)


def test_every_alert_has_examples_and_every_example_an_alert() -> None:
    assert sorted(example.alert for example in EXAMPLES) == sorted(RULES)
    assert len(RULES) >= 20
    assert len(RULES) == sum(len(group["rules"]) for group in GROUPS), "no name is used twice"


@pytest.mark.slow
@named
def test_an_alert_fires_when_it_should_and_is_quiet_when_it_nearly_should(tmp_path: Path, example: Example) -> None:
    firing = expected(example, example.fires, example.alerts)
    evaluate(tmp_path, example, firing, expected(example, example.quiet, 0))


@pytest.mark.slow
@pytest.mark.parametrize("example", ABOUT_PODS, ids=lambda example: example.alert)
def test_no_alert_is_about_pods_of_a_chat_cluster_with_a_similar_name(tmp_path: Path, example: Example) -> None:
    tests = []
    for other in SIMILAR:
        series = {name.replace('pod="chat-', f'pod="{other}-'): values for name, values in example.fires.items()}
        assert series.keys().isdisjoint(example.fires)
        tests.append({"name": other, **expected(example, series, 0)})
    evaluate(tmp_path, example, *tests)


@pytest.mark.slow
def test_promtool_finds_no_fault_in_the_rules(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": GROUPS}))
    promtool("check", "rules", "--lint=all", "--lint-fatal", "rules.yaml", folder=tmp_path)


@pytest.mark.parametrize("name", RULES)
def test_an_alert_says_what_happened_to_what_and_what_to_do(name: str) -> None:
    rule = RULES[name]
    assert re.fullmatch(r"Parley([A-Z][a-z]+)+", name)
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"{RUNBOOKS}{name}/"
    assert not rule["annotations"]["summary"].endswith("."), "one line, shown as a title"
    assert rule["annotations"]["description"].endswith(".")
    for text in rule["annotations"].values():
        assert text.count("{{") == text.count("}}")


def test_an_alert_of_a_chat_cluster_carries_its_name_and_namespace() -> None:
    for group in rule_groups(watched()):
        for rule in group["rules"]:
            assert rule["labels"]["chatcluster"] == "chat"
            assert rule["labels"]["namespace"] == "talk"
            assert rule["annotations"]["summary"].count("ChatCluster talk/chat") == 1


def test_rates_look_at_enough_samples_however_seldom_metrics_are_read() -> None:
    seldom = rule_groups(inputs_of(spec_of(monitoring={"intervalSeconds": 600})))
    windows = {
        int(minutes) for group in seldom for rule in group["rules"] for minutes in re.findall(r"\[(\d+)m", rule["expr"])
    }
    assert min(windows - {30}) == 40, "four samples; restarts are read by somebody else"


def test_a_component_without_pods_is_not_missed() -> None:
    idle = inputs_of(spec_of(components={"presence": {"replicas": 0}, "receipts": {"replicas": 0}}))
    expressions = {rule["alert"]: rule["expr"] for group in rule_groups(idle) for rule in group["rules"]}
    assert "ParleyReceiptsOrPresenceDown" not in expressions
    assert "receipts" not in expressions["ParleyLagUnknown"]


def test_a_certificate_is_watched_where_cert_manager_renews_it() -> None:
    without = inputs_of(spec_of(exposure={"ingress": {"host": "chat.example.com", "tlsSecret": "web"}}))
    names = {rule["alert"] for group in rule_groups(without) for rule in group["rules"]}
    assert "ParleyCertificateExpires" in RULES
    assert "ParleyCertificateExpires" not in names

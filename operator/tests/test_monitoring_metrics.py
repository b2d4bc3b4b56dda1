"""Alerts and dashboards ask only for metrics, labels and values that the code gives."""

import re
from pathlib import Path
from typing import Final

import prometheus_client
from monitoring_examples import watched
from monitoring_made import BOARDS, RULES, expressions, runbook_queries

from parley.contract import INGRESS, RECEIPTS, TIMELINE
from parley.domain.backlog import USUAL_PER_SECOND
from parley.domain.errors import ErrorCode
from parley.protocol.client_frames import Send
from parley.protocol.errors import CloseCode
from parley.roles.chat.pressure import LAG_LIMIT_S
from parley.roles.gateway.lanes import BATCH_CALLS
from parley.runtime import metrics as services
from parley_operator.desired.monitoring import gateway_alerts, log_alerts
from parley_operator.desired.monitoring.selection import selection
from parley_operator.reconcile.catalogue import CONDITION_NAMES
from parley_operator.watch import metrics as operator

SERVICES = Path(services.__file__).parents[1]
OF_OTHERS: Final = {
    "ALERTS": {"alertstate", "chatcluster", "namespace"},
    "up": {"namespace", "pod"},
    "kube_pod_status_ready": {"condition", "namespace", "pod"},
    "kube_pod_container_status_restarts_total": {"namespace", "pod"},
    "container_network_receive_bytes_total": {"namespace", "pod"},
    "container_network_transmit_bytes_total": {"namespace", "pod"},
    "certmanager_certificate_expiration_timestamp_seconds": {"name", "namespace", "exported_namespace"},
}
"""Of Prometheus, kube-state-metrics, the kubelet and cert-manager."""
OF_TARGETS: Final = {"namespace", "pod"}
FUNCTIONS: Final = {
    "absent", "count", "delta", "deriv", "histogram_quantile", "increase", "label_replace", "max", "min",
    "min_over_time", "predict_linear", "rate", "sum", "time", "topk", "vector",
}  # fmt: skip
WORDS: Final = FUNCTIONS | {"and", "by", "group_left", "le", "offset", "on", "or", "unless"}
ALL = [*(rule["expr"] for rule in RULES.values()), *(text for board in BOARDS.values() for text in expressions(board))]


def known() -> dict[str, set[str]]:
    """Labels by the name of every series that the code can give."""
    found = {name: set(labels) for name, labels in OF_OTHERS.items()}
    declared = [
        metric
        for module in (services, operator)
        for metric in vars(module).values()
        if isinstance(metric, prometheus_client.metrics.MetricWrapperBase)
    ]
    for metric in declared:
        for family in metric.describe():
            labels = {*metric._labelnames, *OF_TARGETS}
            suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
            found |= {f"{family.name}{suffix}": labels | {"le"} for suffix in suffixes}
    found[operator.CONDITIONS.name] = {*operator.CONDITIONS.labels, *OF_TARGETS}
    process = prometheus_client.ProcessCollector(registry=prometheus_client.CollectorRegistry())
    for family in process.collect():
        found |= {sample.name: set(OF_TARGETS) for sample in family.samples}
    return found


KNOWN = known()


def bare(expression: str) -> str:
    """Without texts in quotes, matchers and windows, only names and words are left."""
    return re.sub(r"\{[^}]*\}|\[[^]]*\]|(by|on|group_left) \([^)]*\)", " ", re.sub(r'"[^"]*"', '""', expression))


def named_in(expression: str) -> set[str]:
    """Names of series in an expression."""
    return set(re.findall(r"(?<![\w$.])[a-zA-Z_]\w*", bare(expression))) - WORDS


def unknown_in(expression: str) -> list[str]:
    """Series that nobody gives, and labels that these series do not have."""
    names = named_in(expression)
    found = sorted(names - KNOWN.keys())
    without_texts = re.sub(r'"[^"]*"', '""', expression)
    for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", without_texts):
        labels = set(re.findall(r"(\w+)[=!]", matchers)) - KNOWN.get(name, set())
        found += [f"{name}{{{label}}}" for label in sorted(labels)]
    grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", without_texts) for label in labels.split(",")}
    return found + sorted(grouped - set().union(*(KNOWN.get(name, set()) for name in names)))


def test_alerts_and_dashboards_name_only_series_and_labels_that_exist() -> None:
    assert {expression: unknown for expression in ALL if (unknown := unknown_in(expression))} == {}


def test_runbooks_name_only_series_and_labels_that_exist() -> None:
    assert {query: unknown for query in runbook_queries() if (unknown := unknown_in(query))} == {}


def test_every_metric_of_ours_is_shown_somewhere() -> None:
    shown = set().union(*(named_in(expression) for expression in ALL))
    ours = {name for name in KNOWN if name.startswith(("parley_", "controller_runtime_", "workqueue_", "leader_"))}
    left = {re.sub("_(bucket|count|sum)$", "", name) for name in ours} - {
        re.sub("_(bucket|count|sum)$", "", name) for name in shown
    }
    assert left == set()


def test_a_name_that_does_not_exist_would_be_found() -> None:
    assert unknown_in("sum(rate(parley_messages_sent_total[5m]))") == ["parley_messages_sent_total"]
    assert unknown_in('parley_drops_total{code="1"}') == ["parley_drops_total{code}"]
    assert unknown_in("sum by (reason) (parley_refusals_total)") == ["reason"]
    assert unknown_in('sum by (code) (rate(parley_refusals_total{code="x",pod=~"y"}[5m]))') == []


def values_of(label: str) -> set[str]:
    matched = [text for expression in ALL for text in re.findall(rf'\b{label}=~?"([^"$]*)"', expression)]
    return {value for text in matched for value in text.split("|")}


def test_values_of_labels_are_those_that_the_services_give() -> None:
    code = "".join(path.read_text() for path in (SERVICES / "roles").rglob("*.py"))
    assert values_of("stage") <= set(re.findall(r'STAGE_SECONDS\.labels\("(\w+)"\)', code))
    assert values_of("queue") <= set(re.findall(r'QUEUE_DEPTH\.labels\("(\w+)"\)', code))
    assert values_of("reason") <= set(re.findall(r'DROPS\.labels\("(\w+)"\)', code))
    assert values_of("topic") <= {INGRESS.name, TIMELINE.name, RECEIPTS.name}
    websocket_failed = "1011"
    closing = {str(int(each)) for each in CloseCode} | {websocket_failed}
    assert values_of("code") <= {*ErrorCode, *closing}
    assert Send.__struct_config__.tag in values_of("type")
    assert values_of("type") - {"send"} <= set(CONDITION_NAMES)


def test_thresholds_are_those_that_the_services_have() -> None:
    assert log_alerts.REFUSING_LAG == LAG_LIMIT_S * USUAL_PER_SECOND
    assert gateway_alerts.BATCH_CALLS == BATCH_CALLS
    for board in BOARDS.values():
        bounds = {text for expression in expressions(board) for text in re.findall(r'le="([^"]*)"', expression)}
        assert bounds <= {str(bound) for bound in services._STAGE_BUCKETS}


def test_names_of_pods_are_matched_exactly() -> None:
    of = selection(watched())
    pattern = re.compile(re.findall(r'pod=~"(.*)"', of.pods())[0])
    own = ["chat-gateway-0", "chat-gateway-12", "chat-chat-6d5f7c9b8f-x2k4p", "chat-sequencer-6d5f7c9b8fx2k4p"]
    foreign = ["chat-two-gateway-0", "chat-gateway-gateway-0", "chat-chat-gateway-0", "chat-chat-chat-6d5f7c9b8f-x2k4p"]
    assert all(pattern.fullmatch(name) for name in own)
    assert not any(pattern.fullmatch(name) for name in (*foreign, "chat-gateway-0-x", "my-chat-gateway-0"))


def test_conditions_are_given_as_they_are_and_disappear_with_their_chat_cluster() -> None:
    def shown() -> dict[tuple[str, str], float]:
        samples = [sample for family in operator.CONDITIONS.collect() for sample in family.samples]
        ours = [each.labels for each in samples if each.labels["chatcluster"] == "shown"]
        assert all(labels["chatcluster_namespace"] == "talk" for labels in ours)
        return {
            (each.labels["type"], each.labels["status"]): each.value
            for each in samples
            if each.labels["chatcluster"] == "shown"
        }

    operator.show_conditions("talk", "shown", [{"type": "Available", "status": "False"}])
    assert shown() == {("Available", "True"): 0, ("Available", "False"): 1, ("Available", "Unknown"): 0}
    operator.show_conditions("talk", "shown", [{"type": "Degraded", "status": "True"}])
    assert shown() == {("Degraded", "True"): 1, ("Degraded", "False"): 0, ("Degraded", "Unknown"): 0}
    operator.show_conditions("talk", "shown", [])
    assert shown() == {}

"""The dashboard of the operator: does it lead, does it keep up, and what do its ChatClusters need."""

from typing import Final

from parley_operator.desired.monitoring.panel import Board, Choice, Panel, Query, Section, dashboard

_RATE: Final = "[$__rate_interval]"
_HERE: Final = 'namespace=~"$namespace"'
_OURS: Final = f'controller="chatcluster",{_HERE}'
_QUEUE: Final = f'name="chatcluster",{_HERE}'
_CLUSTER: Final = "{{chatcluster_namespace}}/{{chatcluster}}"
_INTERVAL: Final = "30s"
_QUANTILES: Final = {"median": 0.5, "99th percentile": 0.99}


def operator_dashboard() -> Board:
    """The dashboard; the chart installs it once for all operators of a Prometheus."""
    return dashboard(
        "parley-operator",
        "Parley / Operator",
        "Passes, queue, errors, leader and watches of the Parley operator, and what its ChatClusters need.",
        _INTERVAL,
        [_chat_clusters(), _passes(), _queue(), _processes()],
        [Choice("namespace", "Namespace of the operator", "parley_operator_clusters", "namespace")],
    )


def _chat_clusters() -> Section:
    condition = "parley_operator_condition"
    return Section(
        "ChatClusters",
        [
            Panel(
                "ChatClusters",
                "How many are known, and how many of them are Available.",
                "short",
                [
                    Query(f"max(parley_operator_clusters{{{_HERE}}})", "known"),
                    Query(f'sum({condition}{{type="Available",status="True",{_HERE}}})', "Available"),
                ],
            ),
            Panel(
                "Not Available",
                "A component has no ready pod: people cannot chat, or see less of each other.",
                "short",
                [Query(f'{condition}{{type="Available",status="False",{_HERE}}} == 1', _CLUSTER)],
            ),
            Panel(
                "Degraded",
                "Something is not as it should be; kubectl parley status says what.",
                "short",
                [Query(f'{condition}{{type="Degraded",status="True",{_HERE}}} == 1', _CLUSTER)],
            ),
            Panel(
                "Progressing",
                "Something is under way: objects are made, or pods are replaced.",
                "short",
                [Query(f'{condition}{{type="Progressing",status="True",{_HERE}}} == 1', _CLUSTER)],
            ),
        ],
    )


def _passes() -> Section:
    seconds = f"sum by (le) (rate(controller_runtime_reconcile_time_seconds_bucket{{{_OURS}}}{_RATE}))"
    return Section(
        "Passes",
        [
            Panel(
                "Passes by result",
                "Each pass looks at one ChatCluster; a resting one is looked at every five minutes.",
                "cps",
                [Query(f"sum by (result) (rate(controller_runtime_reconcile_total{{{_OURS}}}{_RATE}))", "{{result}}")],
                stacked=True,
            ),
            Panel(
                "Length of a pass",
                "It asks the API server only for what it does not know.",
                "s",
                [Query(f"histogram_quantile({part}, {seconds})", name) for name, part in _QUANTILES.items()],
                limit=5.0,
            ),
            Panel(
                "Errors",
                "Passes that failed; they are tried again, a little later each time.",
                "cps",
                [Query(f"sum(rate(controller_runtime_reconcile_errors_total{{{_OURS}}}{_RATE}))", "errors")],
            ),
            Panel(
                "ChatClusters that are worked on",
                "At most PARLEY_OPERATOR_WORKERS at a time.",
                "short",
                [Query(f"sum(controller_runtime_active_workers{{{_OURS}}})", "worked on")],
            ),
        ],
    )


def _queue() -> Section:
    return Section(
        "Queue and watches",
        [
            Panel(
                "ChatClusters that wait",
                "Waiting for a worker; it should be near zero.",
                "short",
                [Query(f"max(workqueue_depth{{{_QUEUE}}})", "wait")],
                limit=10.0,
            ),
            Panel(
                "Queued",
                "How often a ChatCluster was queued, and queued again after a failure.",
                "cps",
                [
                    Query(f"sum(rate(workqueue_adds_total{{{_QUEUE}}}{_RATE}))", "queued"),
                    Query(f"sum(rate(workqueue_retries_total{{{_QUEUE}}}{_RATE}))", "after a failure"),
                ],
            ),
            Panel(
                "Events of watches, by kind",
                "What the API server tells. A resting cluster tells little.",
                "cps",
                [Query(f"sum by (kind) (rate(parley_operator_watch_events_total{{{_HERE}}}{_RATE}))", "{{kind}}")],
                stacked=True,
            ),
            Panel(
                "What watches owe",
                "For how long a watch has not told of a change that was found without it.",
                "s",
                [Query(f"parley_operator_watch_owed_seconds{{{_HERE}}}", "{{pod}}")],
                limit=60.0,
            ),
        ],
    )


def _processes() -> Section:
    leading = f"leader_election_master_status{{{_HERE}}} and on (namespace, pod) parley_operator_clusters"
    restarts = f"increase(kube_pod_container_status_restarts_total{{{_HERE}}}[1h]) and on (namespace, pod)"
    return Section(
        "Processes",
        [
            Panel(
                "Leader",
                "1 for the process that works; the others wait to take over.",
                "short",
                [Query(leading, "{{pod}}")],
            ),
            Panel(
                "Restarts within an hour",
                "Needs kube-state-metrics; empty without it.",
                "short",
                [Query(f"{restarts} parley_operator_clusters", "{{pod}}")],
            ),
        ],
    )

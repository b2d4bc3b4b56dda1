"""Examples of the operator's own alerts."""

from typing import Final

from monitoring_examples import Example, counter, gauge

_FIRST: Final = 'namespace="parley-system",pod="parley-operator-5c8b9d7f6-abcde"'
_SECOND: Final = 'namespace="parley-system",pod="parley-operator-5c8b9d7f6-fghij"'
_STRANGER: Final = 'namespace="parley-system",pod="somebody-else-5c8b9d7f6-abcde"'
_OURS: Final = f'controller="chatcluster",{_FIRST}'
_THEIRS: Final = f'controller="postgres",{_STRANGER}'
_HERE: Final = gauge("parley_operator_clusters", _FIRST, 3)
_BOTH: Final = _HERE | gauge("parley_operator_clusters", _SECOND, 0)


def _leads(pod: str, value: int) -> dict[str, str]:
    return gauge("leader_election_master_status", f'name="parley-operator",{pod}', value)


def _passes(labels: str, each_minute: float, result: str = "success") -> dict[str, str]:
    return counter("controller_runtime_reconcile_total", f'result="{result}",{labels}', each_minute)


def _errors(labels: str, each_minute: float) -> dict[str, str]:
    return counter("controller_runtime_reconcile_errors_total", labels, each_minute)


def _seconds(bound: str, each_minute: float) -> dict[str, str]:
    return counter("controller_runtime_reconcile_time_seconds_bucket", f'le="{bound}",{_OURS}', each_minute)


def _condition(kind: str, status: str, values: str) -> dict[str, str]:
    labels = f'chatcluster_namespace="talk",chatcluster="chat",type="{kind}",status="{status}",{_FIRST}'
    return {f"parley_operator_condition{{{labels}}}": values}


OPERATOR_EXAMPLES: Final = (
    Example("ParleyOperatorDown", _passes(_THEIRS, 60), gauge("parley_operator_clusters", _FIRST, 0)),
    Example("ParleyOperatorNoLeader", _BOTH | _leads(_STRANGER, 1) | _leads(_FIRST, 0), _BOTH | _leads(_SECOND, 1)),
    Example(
        "ParleyOperatorTwoLeaders",
        _BOTH | _leads(_FIRST, 1) | _leads(_SECOND, 1),
        _BOTH | _leads(_FIRST, 1) | _leads(_SECOND, 0) | _leads(_STRANGER, 1),
    ),
    Example(
        "ParleyOperatorReconcileErrors",
        _passes(_OURS, 80) | _passes(_OURS, 12, "error") | _errors(_OURS, 12),
        _passes(_OURS, 100) | _errors(_OURS, 9) | _passes(_THEIRS, 100) | _errors(_THEIRS, 100),
    ),
    Example(
        "ParleyOperatorStuck",
        _HERE | {f'controller_runtime_reconcile_total{{result="success",{_OURS}}}': "500x60"},
        _HERE | _passes(_OURS, 1.5),
    ),
    Example(
        "ParleyOperatorBacklog",
        gauge("workqueue_depth", f'name="chatcluster",{_FIRST}', 11),
        gauge("workqueue_depth", f'name="chatcluster",{_FIRST}', 10)
        | gauge("workqueue_depth", f'name="postgres",{_STRANGER}', 90),
    ),
    Example(
        "ParleyOperatorSlow",
        _seconds("5.0", 98) | _seconds("7.5", 100) | _seconds("+Inf", 100),
        _seconds("5.0", 100) | _seconds("7.5", 100) | _seconds("+Inf", 100),
    ),
    Example(
        "ParleyOperatorWatchSilent",
        {f"parley_operator_watch_owed_seconds{{{_FIRST}}}": "0x30 61+60x20"},
        gauge("parley_operator_watch_owed_seconds", _FIRST, 30),
    ),
    Example(
        "ParleyOperatorRestarting",
        _HERE | counter("kube_pod_container_status_restarts_total", f'container="operator",{_FIRST}', 0.1),
        _HERE | counter("kube_pod_container_status_restarts_total", f'container="main",{_STRANGER}', 0.1),
        at="90m",
    ),
)

CHAT_CLUSTER_EXAMPLES: Final = (
    Example(
        "ParleyChatClusterUnavailable",
        _condition("Available", "True", "0x60") | _condition("Available", "Unknown", "1x60"),
        _condition("Available", "True", "1x60") | _condition("GatewayReady", "True", "0x60"),
    ),
    Example(
        "ParleyChatClusterDegraded",
        _condition("Degraded", "True", "1x60"),
        # It heals and breaks again, but never stays so for a quarter of an hour.
        _condition("Degraded", "True", "1x12 0x2 1x12 0x2 1x12 0x2 1x12"),
    ),
    Example(
        "ParleyChatClusterRolloutStuck",
        _condition("Progressing", "True", "1x200"),
        _condition("Progressing", "True", "1x100 0 1x100"),
        at="150m",
    ),
    Example(
        "ParleyChatClusterPaused",
        _condition("Paused", "True", "1x400"),
        _condition("Paused", "True", "1x100 0 1x300"),
        at="1500m",
        interval="5m",
    ),
)

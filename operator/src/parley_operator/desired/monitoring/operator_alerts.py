"""Alerts of the operator itself, and of ChatClusters as it sees them. The chart installs them, once.

Nothing here names a namespace: one Prometheus may see several operators, and each is judged by itself. Metrics under
names of controller-runtime are those of other operators too, so that each expression picks its own.
"""

from typing import Final

from parley_operator.desired.inputs import Manifest
from parley_operator.desired.monitoring.alert import Alert, rule_group

_OURS: Final = 'controller="chatcluster"'
_HERE: Final = "parley_operator_clusters"
"""Every process of an operator has this gauge, whether it leads or not."""
_BACKLOG: Final = 10
_SLOW_S: Final = 5


def operator_alert_groups() -> Manifest:
    """The groups, as a file of rules has them."""
    return {
        "groups": [
            rule_group("parley-operator", operator_alerts(), {"component": "operator"}),
            rule_group("parley-chatclusters", chat_cluster_alerts(), {"component": "operator"}),
        ]
    }


def operator_alerts() -> list[Alert]:
    """What is wrong with the operator. Chat goes on without it, but nothing is repaired, scaled or rolled out."""
    return [*_leading(), *_working(), *_keeping_up(), *_noticing()]


def _leading() -> list[Alert]:
    leading = f"leader_election_master_status == 1 and on (namespace, pod) {_HERE}"
    return [
        Alert(
            "ParleyOperatorDown",
            "critical",
            "15m",
            f"absent({_HERE})",
            "No Parley operator gives metrics: ChatClusters are not looked after",
            "People chat on, but nothing is repaired, scaled or rolled out. kubectl get pods in the operator's "
            "namespace, and look at its ServiceMonitor or PodMonitor.",
        ),
        Alert(
            "ParleyOperatorNoLeader",
            "critical",
            "5m",
            f"count by (namespace) ({_HERE}) unless on (namespace) ({leading})",
            "The Parley operator in {{ $labels.namespace }} runs, but none of its processes leads",
            "{{ $value }} processes wait for the Lease. Look who holds it with kubectl get lease, and whether the API "
            "server lets the operator write it.",
        ),
        Alert(
            "ParleyOperatorTwoLeaders",
            "critical",
            "2m",
            f"count by (namespace) ({leading}) > 1",
            "Two processes of the Parley operator in {{ $labels.namespace }} believe that they lead",
            "{{ $value }} processes work on the same ChatClusters. Leave one of them: kubectl scale its Deployment to "
            "one replica, and report this as a fault.",
        ),
    ]


def _working() -> list[Alert]:
    errors = f"sum by (namespace) (rate(controller_runtime_reconcile_errors_total{{{_OURS}}}[10m]))"
    passes = f"controller_runtime_reconcile_total{{{_OURS}}}"
    return [
        Alert(
            "ParleyOperatorReconcileErrors",
            "warning",
            "15m",
            f"{errors} / sum by (namespace) (rate({passes}[10m])) > 0.1",
            "Passes of the Parley operator in {{ $labels.namespace }} fail",
            "{{ $value | humanizePercentage }} of passes end in an error. The operator's log names ChatCluster and "
            "cause: look for `a pass failed`.",
        ),
        Alert(
            "ParleyOperatorStuck",
            "critical",
            "5m",
            f"sum by (namespace) (increase({passes}[15m])) == 0 and on (namespace) max by (namespace) ({_HERE}) > 0",
            "The Parley operator in {{ $labels.namespace }} finishes no pass",
            "Every ChatCluster is looked at within minutes, and none was for a quarter of an hour. Look at the "
            "operator's log, then delete its pod.",
        ),
    ]


def _keeping_up() -> list[Alert]:
    seconds = f"controller_runtime_reconcile_time_seconds_bucket{{{_OURS}}}"
    return [
        Alert(
            "ParleyOperatorBacklog",
            "warning",
            "15m",
            f'max by (namespace) (workqueue_depth{{name="chatcluster"}}) > {_BACKLOG}',
            "The Parley operator in {{ $labels.namespace }} does not keep up",
            "{{ $value }} ChatClusters wait to be looked at. Look how long passes take, and raise "
            "PARLEY_OPERATOR_WORKERS or the CPU of the operator.",
        ),
        Alert(
            "ParleyOperatorSlow",
            "warning",
            "15m",
            f"histogram_quantile(0.99, sum by (namespace, le) (rate({seconds}[10m]))) > {_SLOW_S}",
            "Passes of the Parley operator in {{ $labels.namespace }} take long",
            "One pass in a hundred takes {{ $value | humanizeDuration }} or longer. Look at the latency of the API "
            "server, and at the CPU that the operator gets.",
        ),
    ]


def _noticing() -> list[Alert]:
    return [
        Alert(
            "ParleyOperatorWatchSilent",
            "warning",
            "5m",
            "parley_operator_watch_owed_seconds > 60",
            "A watch of the Parley operator in {{ $labels.namespace }} tells nothing any more",
            "{{ $labels.pod }} found a change {{ $value | humanizeDuration }} ago of which its watch has not told. It "
            "ends by itself when that lasts; look at the network to the API server.",
        ),
        Alert(
            "ParleyOperatorRestarting",
            "warning",
            "5m",
            f"increase(kube_pod_container_status_restarts_total[1h]) > 2 and on (namespace, pod) {_HERE}",
            "The Parley operator in {{ $labels.namespace }} restarts again and again",
            "{{ $labels.pod }} restarted {{ $value | humanize }} times within an hour. kubectl logs --previous ends "
            "with the reason.",
        ),
    ]


def _condition(name: str, status: str) -> str:
    return f'parley_operator_condition{{type="{name}",status="{status}"}}'


def chat_cluster_alerts() -> list[Alert]:
    """What is wrong with a ChatCluster, from its conditions."""
    which = "ChatCluster {{ $labels.chatcluster_namespace }}/{{ $labels.chatcluster }}"
    return [
        Alert(
            "ParleyChatClusterUnavailable",
            "critical",
            "5m",
            f"{_condition('Available', 'True')} == 0",
            f"{which} is not Available: a component has no ready pod",
            "kubectl parley status says which component it is, and kubectl describe of its pods why.",
        ),
        Alert(
            "ParleyChatClusterDegraded",
            "warning",
            "15m",
            f"{_condition('Degraded', 'True')} == 1",
            f"{which} is Degraded: a part of it is not as it should be",
            "kubectl parley status names the part, the reason and what to do.",
        ),
        Alert(
            "ParleyChatClusterRolloutStuck",
            "warning",
            "2h",
            f"{_condition('Progressing', 'True')} == 1",
            f"{which} has been changing for hours and does not finish",
            "kubectl parley status says what the change waits for. Hundreds of gateways that are drained slowly may "
            "need so long.",
        ),
        Alert(
            "ParleyChatClusterPaused",
            "warning",
            "1d",
            f"{_condition('Paused', 'True')} == 1",
            f"{which} has been paused for a day",
            "Nothing is repaired or scaled while spec.paused is true. Set it to false, or silence this alert for as "
            "long as it is wanted.",
        ),
    ]

"""Alerts of the pods: not there, not ready, restarting; some need kube-state-metrics and are silent without it."""

from collections.abc import Iterable
from typing import Final

from parley_operator.desired.monitoring.alert import Alert
from parley_operator.desired.monitoring.selection import Selection

_NEEDED_TO_CHAT: Final = ("gateway", "chat", "sequencer", "fanout")
_NEEDED_FOR_MORE: Final = ("receipts", "presence")
_RENEWED_DAYS: Final = 7


def pod_alerts(of: Selection) -> list[Alert]:
    """Those of whole components first."""
    return [*_components(of), *_pods(of), *_certificate(of)]


def _gone(of: Selection, roles: Iterable[str]) -> str:
    """A component without any pod that answers; one that is meant to have none is left out."""
    return " or ".join(
        f'label_replace(absent(up{{{of.pods(role)}}} == 1), "component", "{role}", "", "")'
        for role in roles
        if role in of.running
    )


def _components(of: Selection) -> list[Alert]:
    ready = f'kube_pod_status_ready{{condition="true",{of.pods("gateway")}}}'
    found = []
    if needed := _gone(of, _NEEDED_TO_CHAT):
        found.append(
            Alert(
                "ParleyComponentDown",
                "critical",
                "5m",
                needed,
                f"A component of {of.shown} does not answer at all: people cannot chat",
                "No pod of {{ $labels.component }} gives metrics. If its pods run, look at PodMonitor and "
                "NetworkPolicy; if they do not, kubectl describe them.",
            )
        )
    if more := _gone(of, _NEEDED_FOR_MORE):
        found.append(
            Alert(
                "ParleyReceiptsOrPresenceDown",
                "warning",
                "10m",
                more,
                f"A component of {of.shown} does not answer at all: people chat, but see less of each other",
                "No pod of {{ $labels.component }} gives metrics. If its pods run, look at PodMonitor and "
                "NetworkPolicy; if they do not, kubectl describe them.",
            )
        )
    found.append(
        Alert(
            "ParleyGatewaysNotReady",
            "critical",
            "10m",
            f"sum({ready}) / count({ready}) < 0.5",
            f"Most gateways of {of.shown} take no new connections",
            "Only {{ $value | humanizePercentage }} of the gateways are ready. kubectl describe them, and look whether "
            "Redis answers: a gateway without it takes nobody.",
        )
    )
    return found


def _pods(of: Selection) -> list[Alert]:
    everywhere = of.pods()
    return [
        Alert(
            "ParleyPodNotScraped",
            "warning",
            "15m",
            f"up{{{everywhere}}} == 0",
            f"A pod of {of.shown} gives no metrics",
            "{{ $labels.pod }} does not answer Prometheus, so that other alerts do not see it. Look whether it hangs, "
            "and whether networkPolicy.monitoring lets Prometheus in.",
        ),
        Alert(
            "ParleyPodRestarting",
            "warning",
            "5m",
            f"increase(kube_pod_container_status_restarts_total{{{everywhere}}}[30m]) > 2",
            f"A pod of {of.shown} restarts again and again",
            "{{ $labels.container }} in {{ $labels.pod }} restarted {{ $value | humanize }} times within half an hour. "
            "kubectl logs --previous tells why it ended.",
        ),
    ]


def _certificate(of: Selection) -> list[Alert]:
    """cert-manager's metrics keep their namespace under either name, by how Prometheus is told to read them."""
    if not of.certificate:
        return []
    ends = [
        f'certmanager_certificate_expiration_timestamp_seconds{{name="{of.certificate}",{label}="{of.namespace}"}}'
        for label in ("exported_namespace", "namespace")
    ]
    return [
        Alert(
            "ParleyCertificateExpires",
            "warning",
            "1h",
            f"({' or '.join(ends)}) - time() < {_RENEWED_DAYS} * 86400",
            f"The certificate of {of.shown} ends soon and was not renewed",
            f"{of.certificate} ends in {{{{ $value | humanizeDuration }}}}; then nobody can connect. kubectl describe "
            "certificate shows why cert-manager does not renew it.",
        )
    ]

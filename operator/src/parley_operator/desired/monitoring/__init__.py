"""What Prometheus and Grafana need, where they are: a PodMonitor, alerts with what to do, dashboards."""

from parley_operator.desired.monitoring.objects import monitoring

__all__ = ["monitoring"]

"""The ChatCluster: everything that can be asked of a chat platform."""

from typing import Annotated, Any, Literal

from pydantic import Field

from parley_operator.model.auth import Auth
from parley_operator.model.component import Component
from parley_operator.model.cql import Cql
from parley_operator.model.exposure import Exposure, NetworkPolicy
from parley_operator.model.kafka import Kafka
from parley_operator.model.limits import Limits, Retention
from parley_operator.model.part import Labels, ObjectName, Part, Rule, by_key
from parley_operator.model.redis import Redis

GROUP = "parley.chat"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
KIND = "ChatCluster"
PLURAL = "chatclusters"

Size = Literal["development", "small", "medium", "large", "xlarge"]

_NAMES = "['gateway', 'chat', 'sequencer', 'fanout', 'receipts', 'presence']"
_CONSUMERS = "['sequencer', 'fanout', 'receipts']"


class PullSecret(Part):
    """A Secret that opens a registry of images."""

    name: ObjectName
    """Name of the Secret."""


class Capacity(Part):
    """What the platform must carry; replicas and partitions follow from it."""

    peak_connections: Annotated[int, Field(ge=1, le=200_000_000)]
    """Most people that are connected at once."""
    messages_per_second: Annotated[int, Field(ge=1, le=10_000_000)]
    """Most messages that are sent each second."""


class Monitoring(Part):
    """Objects for the Prometheus operator, made where its API exists."""

    enabled: bool = True
    """Whether there are a PodMonitor and a PrometheusRule."""
    labels: Labels | None = None
    """Labels of these objects, by which your Prometheus chooses them."""
    interval_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """How often metrics are read."""
    dashboards: bool = False
    """Whether there is a ConfigMap with Grafana's dashboards, which its sidecar finds."""


class ChatClusterSpec(Part):
    """A chat platform."""

    rules = (
        Rule(
            f"!has(self.components) || self.components.all(name, name in {_NAMES})",
            "components may be gateway, chat, sequencer, fanout, receipts and presence",
            field=".components",
        ),
        Rule(
            "!has(self.components) || self.components.all(name, name == 'gateway'"
            " || !has(self.components[name].drain))",
            "drain is for components.gateway only: no other component has connections of clients",
            field=".components",
        ),
        Rule(
            "!has(self.components) || self.components.all(name, name == 'gateway'"
            " || !has(self.components[name].autoscaling)"
            " || !has(self.components[name].autoscaling.targetConnections))",
            "autoscaling.targetConnections is for components.gateway only: use targetLag or targetCpuPercent",
            field=".components",
        ),
        Rule(
            f"!has(self.components) || self.components.all(name, name in {_CONSUMERS}"
            " || !has(self.components[name].autoscaling) || !has(self.components[name].autoscaling.targetLag))",
            "autoscaling.targetLag is for components sequencer, fanout and receipts only: the others read no log",
            field=".components",
        ),
        Rule(
            "!has(self.components) || self.components.all(name, !(name in ['chat', 'presence'])"
            " || !has(self.components[name].autoscaling) || self.components[name].autoscaling.mode != 'operator')",
            "autoscaling.mode operator measures connections and lag, which chat and presence have not: use hpa",
            field=".components",
        ),
        Rule(
            "!has(self.components) || self.components.all(name, !has(self.components[name].replicas)"
            " || self.components[name].replicas > 0 || self.paused)",
            "replicas of a component may be 0 only while paused is true",
            field=".components",
        ),
        Rule(
            "!has(self.size) || !has(self.capacity)",
            "only one of size and capacity may be set: capacity computes what size presets",
            field=".capacity",
        ),
        Rule(
            "!has(self.image) || !self.image.contains(' ')",
            "image may not contain spaces",
            field=".image",
        ),
        Rule(
            "!has(self.image) || !self.image.endsWith(':latest')",
            "image may not have the tag latest: nobody could say which version runs; name a version or a digest",
            field=".image",
        ),
        Rule(
            "!has(self.image) || self.image.contains('@')"
            " || self.image.substring(self.image.lastIndexOf('/') + 1).contains(':')",
            "image must have a tag or a digest: without one it would mean the tag latest",
            field=".image",
        ),
        Rule(
            "self.deletionPolicy == 'Delete' || !has(self.deletionTimeoutSeconds)",
            "deletionTimeoutSeconds needs deletionPolicy Delete: nothing outside is removed otherwise",
            field=".deletionTimeoutSeconds",
        ),
        Rule(
            "!has(self.kafka.topics.replicas) || self.kafka.topics.replicas > 1"
            " || has(self.size) && self.size == 'development'",
            "kafka.topics.replicas may be 1 only with size development: one lost disk would lose messages",
            field=".kafka.topics.replicas",
        ),
        Rule(
            "!has(self.cql.replication) || !has(self.cql.replication.replicas) || self.cql.replication.replicas > 1"
            " || has(self.size) && self.size == 'development'",
            "cql.replication.replicas may be 1 only with size development: one lost disk would lose the history",
            field=".cql.replication.replicas",
        ),
        Rule(
            "!has(self.cql.replication) || !has(self.cql.replication.datacenters)"
            " || self.cql.replication.datacenters.exists(each, each.replicas > 1)"
            " || self.cql.replication.datacenters.size() > 1 || has(self.size) && self.size == 'development'",
            "cql.replication.datacenters: a single one needs 2 replicas or more: one lost disk would lose the history",
            field=".cql.replication.datacenters",
        ),
    )

    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$", max_length=64)] | None = (
        None
    )
    """Version of the chat services; the operator's own without it."""
    image: Annotated[str, Field(min_length=1, max_length=512)] | None = None
    """Image of the chat services, for a registry of your own; the one that belongs to the version without it."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When nodes get the image."""
    image_pull_secrets: Annotated[list[PullSecret], by_key("name", max_length=16)] | None = None
    """Secrets that open the registry."""
    size: Size | None = None
    """Preset of replicas, resources and partitions; small when neither size nor capacity is set."""
    capacity: Capacity | None = None
    """What it must carry, in place of a size."""
    kafka: Kafka
    """The event log."""
    cql: Cql
    """The message store."""
    redis: Redis
    """The registry of connections."""
    auth: Auth
    """Who may connect."""
    limits: Limits = Limits()
    """How much one person may do."""
    retention: Retention = Retention()
    """How long logs are kept."""
    components: Annotated[dict[str, Component], Field(max_length=6)] | None = None
    """What differs from the size, by component: gateway, chat, sequencer, fanout, receipts, presence."""
    exposure: Exposure = Exposure()
    """How people reach it."""
    network_policy: NetworkPolicy = NetworkPolicy()
    """What may reach the pods."""
    monitoring: Monitoring = Monitoring()
    """Objects for Prometheus and Grafana."""
    deletion_policy: Literal["Retain", "Delete"] = "Retain"
    """Whether topics and keyspace stay when the ChatCluster is deleted."""
    deletion_timeout_seconds: Annotated[int, Field(ge=10, le=86_400)] | None = None
    """After so long a deletion leaves what it could not remove, and says so; 300 without it."""
    update_policy: Literal["Auto", "Manual"] = "Manual"
    """Whether an update of the operator may restart pods; with Manual it waits for your next change of spec."""
    paused: bool = False
    """Change nothing while true; the status is still kept."""

    def component(self, role: str) -> Component:
        """What is said of a component; nothing when it is not named."""
        return (self.components or {}).get(role) or Component()

    @classmethod
    def read(cls, spec: dict[str, Any]) -> "ChatClusterSpec":
        """The spec of a resource. Raises pydantic's ValidationError."""
        return cls.model_validate(spec)

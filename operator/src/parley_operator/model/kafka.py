"""`spec.kafka`: where the event log is, and the topics in it."""

from typing import Annotated, Literal

from pydantic import Field

from parley.contract import MAXIMUM_PARTITIONS
from parley_operator.model.part import PORT_IN_RANGE, Credentials, HostAndPort, Part, Rule, Tls, unique


class KafkaAuthentication(Part):
    """How the pods prove to Kafka who they are."""

    type: Literal["scram-sha-512", "scram-sha-256", "plain"] = "scram-sha-512"
    """SASL mechanism."""
    credentials_secret: Credentials
    """Secret with the user and the password."""


class Topics(Part):
    """The topics, which the operator creates and repairs, and never deletes unless deletionPolicy says so."""

    rules = (
        Rule(
            "!has(oldSelf.partitions) || !has(self.partitions) || self.partitions >= oldSelf.partitions"
            " || self.generation > oldSelf.generation",
            "partitions may not shrink: order lives in a partition; put it back, raise generation, or, to undo a"
            " change that was refused, remove the field first",
            field=".partitions",
            by="'partitions may not shrink (%d -> %d): order lives in a partition; put it back, raise generation, or,"
            " to undo a change that was refused, remove the field first'.format([oldSelf.partitions, self.partitions])",
            reason="FieldValueForbidden",
        ),
        Rule(
            "self.generation >= oldSelf.generation",
            "generation may only grow: what an older log holds was left behind; set it to the value it had or more",
            field=".generation",
            reason="FieldValueForbidden",
        ),
        Rule(
            "self.generation <= oldSelf.generation + 1",
            "generation may grow by one at a time: each begins one new log",
            field=".generation",
        ),
        Rule(
            "self.prefix == oldSelf.prefix",
            "prefix may not change: the topics with the old one hold messages; make a new ChatCluster instead",
            field=".prefix",
            reason="FieldValueForbidden",
        ),
        Rule(
            "self.prefix.endsWith('.') || self.prefix.endsWith('-') || self.prefix.endsWith('_')",
            "prefix must end with '.', '-' or '_', so that it stays apart from the topic's own name",
            field=".prefix",
        ),
    )

    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)] = "parley."
    """Begins the names of topics and consumer groups. Two ChatClusters on one Kafka need two prefixes."""
    generation: Annotated[int, Field(ge=0, le=1023)] = 0
    """Counts logs that were begun anew, with another number of partitions, say."""
    partitions: Annotated[int, Field(ge=1, le=MAXIMUM_PARTITIONS)] | None = None
    """Partitions of each ordered topic, fixed for its life; without it what the size or the capacity asks for."""
    replicas: Annotated[int, Field(ge=1, le=7)] | None = None
    """Replicas of each topic; without it three, or one in the size development."""


class Kafka(Part):
    """The event log: every message is in it before it is acknowledged."""

    rules = (
        Rule(
            "!has(self.authentication) || self.authentication.type != 'plain' || has(self.tls)",
            "authentication.type plain sends the password as it is: add tls, or use scram-sha-512",
            field=".authentication.type",
        ),
        Rule(
            f"self.bootstrapServers.all(each, {PORT_IN_RANGE})",
            "bootstrapServers: each is HOST:PORT with a port from 1 to 65535",
            field=".bootstrapServers",
        ),
    )

    bootstrap_servers: Annotated[list[HostAndPort], unique(min_length=1, max_length=32)]
    """Brokers to begin with, as HOST:PORT."""
    tls: Tls | None = None
    """Encrypt the connections; without it they are plain."""
    authentication: KafkaAuthentication | None = None
    """How the pods prove who they are; without it they do not."""
    topics: Topics = Topics()
    """The topics' names and sizes."""

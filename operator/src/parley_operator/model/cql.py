"""`spec.cql`: where the message store (ScyllaDB or Cassandra) is, and its keyspace."""

from typing import Annotated

from pydantic import Field

from parley_operator.model.part import Credentials, HostName, Part, Rule, Tls, by_key, unique


class Datacenter(Part):
    """Replicas in one data center of the store."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=48)]
    """Name of the data center, as the store's nodes tell it."""
    replicas: Annotated[int, Field(ge=1, le=7)]
    """Copies of each row there."""


class Replication(Part):
    """How often each row is kept. It is used when the keyspace is created; another one later is refused."""

    rules = (
        Rule(
            "has(self.replicas) != has(self.datacenters)",
            "exactly one of replicas and datacenters must be set",
        ),
    )

    replicas: Annotated[int, Field(ge=1, le=7)] | None = None
    """Copies of each row in every data center that the store has when the keyspace is created."""
    datacenters: Annotated[list[Datacenter], by_key("name", min_length=1, max_length=16)] | None = None
    """Copies of each row by data center."""


class Cql(Part):
    """The message store: the years of history."""

    rules = (
        Rule(
            "self.keyspace == oldSelf.keyspace",
            "keyspace may not change: the old one holds the history; make a new ChatCluster and migrate instead",
            field=".keyspace",
            reason="FieldValueForbidden",
        ),
        Rule(
            "!self.keyspace.startsWith('system')",
            "keyspace may not begin with 'system': those belong to the store itself",
            field=".keyspace",
        ),
        Rule(
            "!has(self.replication) || !has(self.replication.datacenters) || !has(self.localDatacenter)"
            " || self.replication.datacenters.exists(each, each.name == self.localDatacenter)",
            "localDatacenter must be one of replication.datacenters: otherwise no replica is near",
            field=".localDatacenter",
        ),
    )

    contact_points: Annotated[list[HostName], unique(min_length=1, max_length=32)]
    """Nodes to begin with: names or addresses without a port."""
    port: Annotated[int, Field(ge=1, le=65535)] = 9042
    """Port of all nodes."""
    local_datacenter: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=48)] | None = None
    """Data center that is asked; without it that of the first node which answers."""
    keyspace: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)] = "parley"
    """Keyspace, which the operator creates and migrates, and never drops unless deletionPolicy says so."""
    replication: Replication | None = None
    """Replication of the keyspace; without it three copies, or one in the size development."""
    tls: Tls | None = None
    """Encrypt the connections; without it they are plain."""
    credentials_secret: Credentials | None = None
    """Secret with the user and the password; without it the pods do not log in."""

"""`spec.redis`: where the registry of connections and the live channels are; nothing in it needs to last."""

from typing import Annotated

from pydantic import Field

from parley_operator.model.part import HOST_AND_PORT, PORT_IN_RANGE, Credentials, HostAndPort, Part, Rule, Tls, unique


class Sentinels(Part):
    """Sentinels, which know where the current master is."""

    master_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$", max_length=100)]
    """Name under which they watch it."""
    addresses: Annotated[list[HostAndPort], unique(min_length=1, max_length=16)]
    """Addresses of sentinels, as HOST:PORT."""


class Redis(Part):
    """Redis or Valkey: who is connected where, and the way to them."""

    rules = (
        Rule(
            "[has(self.address), has(self.sentinels), has(self.nodes)].filter(each, each).size() == 1",
            "exactly one of address, sentinels and nodes must be set",
        ),
        Rule(
            "!has(self.database) || !has(self.nodes)",
            "database cannot be set with nodes: a Redis Cluster has database 0 only",
            field=".database",
        ),
        Rule(
            f"(!has(self.address) || [self.address].all(each, {PORT_IN_RANGE}))"
            f" && (!has(self.nodes) || self.nodes.all(each, {PORT_IN_RANGE}))"
            f" && (!has(self.sentinels) || self.sentinels.addresses.all(each, {PORT_IN_RANGE}))",
            "address, nodes and sentinels.addresses: each is HOST:PORT with a port from 1 to 65535",
        ),
        Rule(
            "self.prefix == oldSelf.prefix",
            "prefix may not change: people who are connected would not be found; make a new ChatCluster instead",
            field=".prefix",
            reason="FieldValueForbidden",
        ),
    )

    address: Annotated[str, Field(pattern=HOST_AND_PORT, max_length=253)] | None = None
    """One server, as HOST:PORT."""
    sentinels: Sentinels | None = None
    """A master that sentinels watch."""
    nodes: Annotated[list[HostAndPort], unique(min_length=1, max_length=32)] | None = None
    """Nodes of a Redis Cluster, as HOST:PORT."""
    database: Annotated[int, Field(ge=0, le=1000)] | None = None
    """Number of the database; 0 when it is not set."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", max_length=100)] = "parley:"
    """Begins every key. Two ChatClusters on one Redis need two prefixes."""
    tls: Tls | None = None
    """Encrypt the connections; without it they are plain."""
    credentials_secret: Credentials | None = None
    """Secret with the user and the password; without it the pods do not log in."""

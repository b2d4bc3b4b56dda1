"""The real servers as processes of this machine, which a host's pods reach through the node's way out."""

from pathlib import Path

from e2e.backends.backends import Backends
from e2e.backends.security import Security
from e2e.cluster.backends.addresses import KAFKA_ADDRESS, Login
from e2e.cluster.host import node_layout
from e2e.cluster.host.ports import NodePorts
from e2e.kept_secret import kept_secret


class HostBackends:
    """Kafka, Cassandra and Redis in a folder of the cluster's folder; with `bound` they end with this process."""

    def __init__(self, cluster: Path, *, bound: bool = False) -> None:
        """Name the cluster's folder; nothing runs yet."""
        self._cluster = cluster
        folder = cluster / "backends"
        security = Security(folder / "security", tls=False, password=kept_secret(folder / "password"))
        self._servers = Backends(
            folder, security=security, bound=bound, kafka_also_at=KAFKA_ADDRESS, cassandra_at=node_layout.ADDRESS
        )
        self._security = security

    @property
    def servers(self) -> Backends:
        """The servers, for those who stop and start them."""
        return self._servers

    def logins(self) -> dict[str, Login]:
        """Who may connect."""
        mine = Login(self._security.user, self._security.password)
        return {
            "kafka": mine,
            "cql": Login(self._security.cassandra_user, self._security.cassandra_password),
            "redis": mine,
        }

    def up(self) -> None:
        """Start what does not run, wait until it answers, and let the node's ports lead there."""
        self._servers.up()
        servers = self._servers
        ports = {"kafka": servers.kafka.second_port, "cql": servers.cassandra.port, "redis": servers.redis.port}
        NodePorts(self._cluster).lead_outward(ports)

    def down(self) -> None:
        """End them."""
        self._servers.down()

"""All three engines of one folder."""

from collections.abc import Callable
from pathlib import Path

from e2e.backends.cassandra_server import CassandraServer
from e2e.backends.kafka_servers import KafkaServers
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from e2e.backends.redis_server import RedisServer
from e2e.backends.security import Security

KEYSPACE = "parley"


class Backends:
    """Kafka, Cassandra and Redis on ports of their own; started together, since each takes some seconds."""

    def __init__(
        self,
        folder: Path,
        brokers: int = 1,
        security: Security | None = None,
        *,
        bound: bool = True,
        kafka_also_at: str | None = None,
        cassandra_at: str = "127.0.0.1",
    ) -> None:
        """Prepare the servers of a folder; nothing runs yet. With `bound` they end with this process.

        The last two are addresses under which clients elsewhere find Kafka and Cassandra.
        """
        self.folder = folder
        self.brokers = brokers
        ports = Ports(folder)
        self.kafka = KafkaServers(folder / "kafka", ports, brokers, security, bound=bound, also_at=kafka_also_at)
        self.cassandra = CassandraServer(folder / "cassandra", ports, security, bound=bound, announced_at=cassandra_at)
        self.redis = RedisServer(folder / "redis", ports, security, bound=bound)
        self._security = security

    @property
    def processes(self) -> list[ServerProcess]:
        """Every server."""
        return [*self.kafka.processes, *self.cassandra.processes, *self.redis.processes]

    def up(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start what does not run, and wait until everything answers."""
        # Cassandra takes longest, and Kafka's storage is formatted before this goes on.
        for server in (self.cassandra, self.redis, self.kafka):
            server.start()
        for name, server in (("Redis", self.redis), ("Kafka", self.kafka), ("Cassandra", self.cassandra)):
            tell(f"waiting for {name}")
            server.wait_ready()

    def down(self) -> None:
        """End every server."""
        for process in self.processes:
            process.resume()
        for server in (self.redis, self.kafka, self.cassandra):
            server.stop()

    def environment(self) -> dict[str, str]:
        """The settings with which Parley finds them."""
        secured = self._security is not None and self._security.tls
        tls = "+tls" if secured else ""
        settings = {
            "PARLEY_LOG_URL": f"kafka{tls}://{self.kafka.addresses}",
            "PARLEY_LOG_REPLICATION": str(min(3, self.brokers)),
            "PARLEY_STORE_URL": f"cql{tls}://127.0.0.1:{self.cassandra.port}/{KEYSPACE}",
            "PARLEY_STORE_REPLICATION": "1",
            "PARLEY_REGISTRY_URL": f"redis{'s' if secured else ''}://127.0.0.1:{self.redis.port}",
        }
        if self._security is None:
            return settings
        mine = self._security.user, self._security.password
        cassandra = self._security.cassandra_user, self._security.cassandra_password
        for part, (user, password) in {"LOG": mine, "STORE": cassandra, "REGISTRY": mine}.items():
            if self._security.tls:
                settings[f"PARLEY_{part}_CA_FILE"] = str(self._security.ca_file)
            settings[f"PARLEY_{part}_USER"] = user
            settings[f"PARLEY_{part}_PASSWORD"] = password
        return settings

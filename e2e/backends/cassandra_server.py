"""One Cassandra node, which keeps what it acknowledged through a kill: its commit log is synced before it answers."""

import logging
import ssl
from pathlib import Path

import cassandra.cluster
from cassandra.auth import PlainTextAuthProvider
from cassandra.io.asyncioreactor import AsyncioConnection
from cassandra.policies import AddressTranslator

from e2e.backends.jars import QUICK, jars, java
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from e2e.backends.security import Security

READY_S = 120.0
_TIMER_SLACK_US = 500
"""Its idle threads sleep for 10 us and look for work again: with the system's own 50 us that alone takes a core."""
# While the node starts every attempt to connect fails, and that is no news.
logging.getLogger("cassandra").setLevel(logging.CRITICAL)
_EXPORTS = (
    "java.base/jdk.internal.misc", "java.management.rmi/com.sun.jmx.remote.internal.rmi", "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server", "java.sql/java.sql", "java.base/java.lang.ref", "jdk.unsupported/sun.misc",
)  # fmt: skip
_OPENS = (
    "java.base/java.lang.module", "java.base/jdk.internal.loader", "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect", "java.base/jdk.internal.math", "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar", "jdk.management/com.sun.management.internal", "java.base/sun.nio.ch",
    "java.base/java.io", "java.base/java.lang.reflect", "java.base/java.lang", "java.base/java.util",
    "java.base/java.nio",
)  # fmt: skip
_OPTIONS = (
    QUICK, "-Xms512m", "-Xmx1g", "-Xss256k", "-XX:+UseG1GC", "-XX:+PerfDisableSharedMem",
    "-Djava.net.preferIPv4Stack=true",
    "-Djdk.attach.allowAttachSelf=true", "-Dio.netty.tryReflectionSetAccessible=true", "-Dcassandra-foreground=yes",
    "-Dcassandra.skip_wait_for_gossip_to_settle=0", "-Dcassandra.ring_delay_ms=1", "-Dcassandra.initial_token=0",
    "-Dcassandra.load_ring_state=false", "-Dcassandra.superuser_setup_delay_ms=0",
    "-Dcassandra.approximate_time_precision_ms=10",
    # Its password is no secret, and each connection of each process would cost a tenth of a second of a processor.
    "-Dcassandra.auth_bcrypt_gensalt_log2_rounds=4",
)  # fmt: skip


class _Here(AddressTranslator):  # type: ignore[misc]  # the driver has no types
    """Finds the node here, whatever it announces to others."""

    def translate(self, addr: str) -> str:  # noqa: ARG002 - the driver's signature
        """The only address at which it listens."""
        return "127.0.0.1"


class CassandraServer:
    """With `security` it wants a password, and TLS if that says so; the user is Cassandra's own first one."""

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        security: Security | None = None,
        *,
        bound: bool = True,
        announced_at: str = "127.0.0.1",
    ) -> None:
        """Prepare the node; nothing runs yet. Drivers are told to find it at the address `announced_at`."""
        self._announced_at = announced_at
        self._folder = folder
        self._security = security
        self._ports = ports
        self.process = ServerProcess(
            "cassandra",
            f"127.0.0.1:{self.port}",
            folder,
            self._command(),
            self._probe,
            bound=bound,
            timer_slack_us=_TIMER_SLACK_US,
        )
        self.processes = [self.process]

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self._ports.of("native")

    def start(self) -> None:
        """Start the node."""
        (self._folder / "conf").mkdir(parents=True, exist_ok=True)
        (self._folder / "conf" / "cassandra.yaml").write_text(self._yaml())
        logback = Path(__file__).parent / "cassandra" / "logback.xml"
        (self._folder / "conf" / "logback.xml").write_text(logback.read_text())
        self.process.start()

    def wait_ready(self, timeout_s: float = READY_S) -> None:
        """Wait until it answers queries."""
        self.process.wait_ready(timeout_s)

    def stop(self) -> None:
        """End the node."""
        self.process.stop()

    def connect(self) -> cassandra.cluster.Cluster:
        """A driver's cluster object for it."""
        context = login = None
        if self._security is not None:
            if self._security.tls:
                context = ssl.create_default_context(cafile=self._security.ca_file)
            login = PlainTextAuthProvider(self._security.cassandra_user, self._security.cassandra_password)
        return cassandra.cluster.Cluster(
            ["127.0.0.1"],
            port=self.port,
            protocol_version=4,
            connection_class=AsyncioConnection,
            auth_provider=login,
            ssl_context=context,
            connect_timeout=30,
            address_translator=_Here(),
        )

    def _probe(self) -> None:
        cluster = self.connect()
        try:
            cluster.connect().execute("SELECT release_version FROM system.local", timeout=30)
        finally:
            cluster.shutdown()

    def _command(self) -> list[str]:
        library = jars("cassandra")
        agent = next(library.glob("jamm-*.jar"))
        folder = self._folder.resolve()
        options = [*_OPTIONS, f"-javaagent:{agent}", f"-Dcassandra.config=file://{folder}/conf/cassandra.yaml"]
        options += [f"-Dcassandra.storagedir={folder}/data", f"-Dcassandra.logdir={folder}/log"]
        options += ["-Dlogback.configurationFile=conf/logback.xml"]
        for name in _EXPORTS:
            options += ["--add-exports", f"{name}=ALL-UNNAMED"]
        for name in _OPENS:
            options += ["--add-opens", f"{name}=ALL-UNNAMED"]
        return [java(), *options, "-cp", f"conf:{library}/*", "org.apache.cassandra.service.CassandraDaemon"]

    def _yaml(self) -> str:
        folder, storage = self._folder.resolve() / "data", self._ports.of("storage")
        text = f"""cluster_name: parley
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
broadcast_rpc_address: {self._announced_at}
storage_port: {storage}
native_transport_port: {self.port}
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "127.0.0.1:{storage}"}}]
commitlog_sync: batch
data_file_directories: [{folder}/data]
commitlog_directory: {folder}/commitlog
hints_directory: {folder}/hints
saved_caches_directory: {folder}/saved
auto_snapshot: false
concurrent_compactors: 1
concurrent_reads: 4
concurrent_writes: 4
concurrent_counter_writes: 2
native_transport_max_threads: 4
authenticator: {"PasswordAuthenticator" if self._security else "AllowAllAuthenticator"}
"""
        if self._security is None or not self._security.tls:
            return text
        return (
            text
            + f"""client_encryption_options:
  enabled: true
  optional: false
  keystore: {self._security.keystore_file}
  keystore_password: {self._security.store_password}
  store_type: PKCS12
  require_client_auth: false
"""
        )

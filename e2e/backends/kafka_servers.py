"""Kafka in KRaft mode: one broker, or three of which any one may die."""

import secrets
import subprocess
from pathlib import Path

from confluent_kafka.admin import AdminClient

from e2e.backends.failure import BackendError
from e2e.backends.jars import QUICK, jars, java
from e2e.backends.ports import Ports
from e2e.backends.process import ServerProcess
from e2e.backends.security import Security

HEAP = "-Xmx384m"
READY_S = 90.0


class KafkaServers:
    """Brokers that are controllers as well. With `security` they speak SASL with SCRAM, and TLS if it says so.

    A single broker may have a second listener for clients that reach it under another address, `also_at`, such as the
    pods of a cluster: a broker tells its clients where to find it.
    """

    def __init__(
        self,
        folder: Path,
        ports: Ports,
        brokers: int = 1,
        security: Security | None = None,
        *,
        bound: bool = True,
        also_at: str | None = None,
    ) -> None:
        """Prepare `brokers` brokers; nothing runs yet."""
        if also_at is not None and brokers != 1:
            raise BackendError(f"{brokers} brokers cannot all be at {also_at}: only one can have a second listener")
        self._also_at = also_at
        self._folder = folder
        self._brokers = brokers
        self._security = security
        self._ports = ports
        self._numbers = range(1, brokers + 1)
        self.processes = [self._process(number, bound=bound) for number in self._numbers]

    @property
    def addresses(self) -> str:
        """Where clients begin."""
        return ",".join(f"127.0.0.1:{self._ports.of(f'broker-{number}')}" for number in self._numbers)

    @property
    def second_port(self) -> int:
        """The port of the second listener, on 127.0.0.1."""
        return self._ports.of("broker-1-second")

    def start(self) -> None:
        """Format what was never formatted, and start the brokers."""
        for number, process in zip(self._numbers, self.processes, strict=True):
            self._write_properties(number, process.folder)
            self._format(process.folder)
            process.start()

    def wait_ready(self, timeout_s: float = READY_S) -> None:
        """Wait until every broker answers and knows all the others."""
        for process in self.processes:
            process.wait_ready(timeout_s)

    def stop(self) -> None:
        """End the brokers."""
        for process in self.processes:
            process.stop()

    def client_configuration(self, address: str) -> dict[str, str | int | float | bool]:
        """What librdkafka needs to connect."""
        configuration: dict[str, str | int | float | bool] = {"bootstrap.servers": address, "log_level": 0}
        if self._security is None:
            return configuration
        if self._security.tls:
            configuration["ssl.ca.location"] = str(self._security.ca_file)
        return configuration | {
            "security.protocol": self._client_protocol,
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": self._security.user,
            "sasl.password": self._security.password,
        }

    def _process(self, number: int, *, bound: bool) -> ServerProcess:
        folder = self._folder / f"broker-{number}"
        address = f"127.0.0.1:{self._ports.of(f'broker-{number}')}"
        command = [
            java(),
            HEAP,
            QUICK,
            "-XX:+UseG1GC",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            f"{jars('kafka')}/*",
            "kafka.Kafka",
            "server.properties",
        ]

        def probe() -> None:
            metadata = AdminClient(self.client_configuration(address)).list_topics(timeout=3)
            if len(metadata.brokers) < self._brokers:
                raise BackendError(f"only {len(metadata.brokers)} of {self._brokers} brokers are there")

        return ServerProcess(f"kafka-{number}", address, folder, command, probe, bound=bound)

    def _write_properties(self, number: int, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        voters = ",".join(f"{n}@127.0.0.1:{self._ports.of(f'controller-{n}')}" for n in self._numbers)
        broker, controller = self._ports.of(f"broker-{number}"), self._ports.of(f"controller-{number}")
        replicas = min(3, self._brokers)
        client = self._client_protocol
        second = self._second_listener()
        lines = {
            "process.roles": "broker,controller",
            "node.id": number,
            "controller.quorum.voters": voters,
            "listeners": f"CLIENT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}{second['listener']}",
            "advertised.listeners": f"CLIENT://127.0.0.1:{broker}{second['advertised']}",
            "inter.broker.listener.name": "CLIENT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,CLIENT:{client},SECOND:{client}",
            "log.dirs": folder / "data",
            "offsets.topic.replication.factor": replicas,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": max(1, replicas - 1),
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": max(1, replicas - 1),
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 2000,
            "auto.create.topics.enable": "false",
            "broker.session.timeout.ms": 6000,
            "log.cleaner.dedupe.buffer.size": 33554432,
            **(self._sasl(self._security) if self._security else {}),
        }
        (folder / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in lines.items()))

    @property
    def _client_protocol(self) -> str:
        if self._security is None:
            return "PLAINTEXT"
        return "SASL_SSL" if self._security.tls else "SASL_PLAINTEXT"

    def _second_listener(self) -> dict[str, str]:
        if self._also_at is None:
            return {"listener": "", "advertised": ""}
        return {"listener": f",SECOND://127.0.0.1:{self.second_port}", "advertised": f",SECOND://{self._also_at}"}

    @staticmethod
    def _sasl(security: Security) -> dict[str, object]:
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        credentials = f'{login} username="{security.user}" password="{security.password}";'
        settings: dict[str, object] = {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.client.scram-sha-512.sasl.jaas.config": credentials,
            "listener.name.second.scram-sha-512.sasl.jaas.config": credentials,
        }
        if not security.tls:
            return settings
        return settings | {
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.location": security.keystore_file,
            "ssl.keystore.password": security.store_password,
            "ssl.key.password": security.store_password,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": security.ca_file,
        }

    def _format(self, folder: Path) -> None:
        if (folder / "data" / "meta.properties").exists():
            return
        command = [java(), QUICK, "-XX:+UseSerialGC", "-cp", f"{jars('kafka')}/*"]
        command += ["kafka.tools.StorageTool", "format", "-t", self._cluster()]
        command += ["-c", "server.properties", "--ignore-formatted"]
        if self._security is not None:
            user = f"name={self._security.user},password={self._security.password}"
            command += ["--add-scram", f"SCRAM-SHA-512=[{user}]"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BackendError(
                f"Kafka's storage in {folder} could not be formatted: {(done.stdout + done.stderr)[-800:]}"
            )

    def _cluster(self) -> str:
        file = self._folder / "cluster-id"
        if not file.exists():
            # As Kafka's own tool writes it: 128 random bits, which must not look like an option of a command.
            file.write_text("k" + secrets.token_urlsafe(16)[1:])
        return file.read_text()

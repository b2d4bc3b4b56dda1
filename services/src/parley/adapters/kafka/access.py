"""How to reach the brokers, and what librdkafka is told about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from parley.adapters.kafka.trouble import ConnectionTrouble
from parley.runtime.credentials import Credentials

DELIVERY_TIMEOUT_MS: Final = 5_000
"""Shorter than a caller waits for an append, so that nothing is still under way when he sends it again."""


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """Addresses, credentials, and the names that belong to this installation.

    `generation` counts re-created logs: it is part of every topic's name and of every position. `member` is this
    process' name in its consumer groups; with one, a restart within the session keeps its partitions.
    """

    brokers: str
    tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    mechanism: str = "SCRAM-SHA-512"
    credentials: Credentials = field(default_factory=Credentials)
    prefix: str = "parley."
    generation: int = 0
    member: str = ""
    partitions: Mapping[str, int] = field(default_factory=dict)
    trouble: ConnectionTrouble = field(default_factory=ConnectionTrouble)

    def topic_name(self, topic: str) -> str:
        """The name of a topic on the brokers."""
        return f"{self.prefix}{topic}.{self.generation}"

    def group_name(self, group: str) -> str:
        """The name of a consumer group on the brokers."""
        return f"{self.prefix}{group}"


def client_configuration(access: KafkaAccess) -> dict[str, Any]:
    """Settings of every client: quick to notice a broker that hangs, patient with one that is away."""
    user, password = access.credentials.current()
    configuration: dict[str, Any] = {
        "bootstrap.servers": access.brokers,
        "client.id": access.member or "parley",
        "security.protocol": _protocol(access.tls, bool(user)),
        "socket.keepalive.enable": True,
        "socket.connection.setup.timeout.ms": 3_000,
        "socket.timeout.ms": 10_000,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1_000,
        "topic.metadata.refresh.interval.ms": 30_000,
        "allow.auto.create.topics": False,
        "log_level": 0,
        "error_cb": access.trouble.note,
        "log.connection.close": False,
    }
    if user:
        configuration |= {"sasl.mechanism": access.mechanism, "sasl.username": user, "sasl.password": password or ""}
    files = {
        "ssl.ca.location": access.ca_file,
        "ssl.certificate.location": access.certificate_file,
        "ssl.key.location": access.key_file,
    }
    return configuration | {name: str(path) for name, path in files.items() if path is not None and access.tls}


def producer_configuration(access: KafkaAccess) -> dict[str, Any]:
    """Durable and ordered (promises G1, G2): all replicas confirm, and a retry inside the client doubles nothing."""
    return client_configuration(access) | {
        "acks": "all",
        "enable.idempotence": True,
        "compression.type": "lz4",
        # Whatever is above zero becomes a millisecond. What comes while requests are under way leaves together anyway.
        "linger.ms": 0,
        "request.timeout.ms": 3_000,
        "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
        "queue.buffering.max.messages": 50_000,
        "queue.buffering.max.kbytes": 65_536,
    }


def consumer_configuration(access: KafkaAccess, group: str, member: str) -> dict[str, Any]:
    """Commits are made after the effect; a dead member's partitions are free again after ten seconds."""
    static = {"group.instance.id": member} if member else {}
    return (
        client_configuration(access)
        | static
        | {
            "group.id": access.group_name(group),
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": 10_000,
            "heartbeat.interval.ms": 500,
            "max.poll.interval.ms": 120_000,
            "fetch.wait.max.ms": 250,
            "fetch.queue.backoff.ms": 10,
            "fetch.error.backoff.ms": 100,
            "queued.min.messages": 2_000,
            "queued.max.messages.kbytes": 16_384,
        }
    )


def _protocol(tls: bool, authenticated: bool) -> str:  # noqa: FBT001 - two independent facts
    return ("SASL_" if authenticated else "") + ("SSL" if tls else "PLAINTEXT")

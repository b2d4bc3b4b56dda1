"""How to reach the store, and how its driver is set up."""

import logging
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cassandra import ConsistencyLevel
from cassandra.auth import AuthProvider, PlainTextAuthenticator
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.policies import (
    ConstantSpeculativeExecutionPolicy,
    DCAwareRoundRobinPolicy,
    ExponentialReconnectionPolicy,
    TokenAwarePolicy,
)
from cassandra.query import tuple_factory
from typing_extensions import override

from parley.adapters.cql.quick_connection import QuickConnection
from parley.runtime.credentials import Credentials

REQUEST_S: Final = 4.0
"""Deadline of one request: shorter than chat waits for an answer, so that the cause reaches the client."""

_SPECULATE_AFTER_S: Final = 0.5
_RECONNECT_S: Final = (1.0, 8.0)
"""The first and the longest pause between two tries. To check one password costs a node a tenth of a second of a
processor; if all its clients tried every second, and gave up before it answers, it would do nothing else."""

_HANDSHAKE_S: Final = 10.0
"""Patience with an address that does not answer, and with a node that has many handshakes to do."""

_HEARTBEAT_S: Final = (5.0, 10.0)
"""How often an idle connection is tried, and how long its answer may take."""


@dataclass(frozen=True, slots=True)
class CqlAccess:
    """Addresses, keyspace and credentials. `datacenter` is the local one; empty: that of the first contact point."""

    contact_points: tuple[str, ...]
    port: int
    keyspace: str
    datacenter: str | None = None
    tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def address(self) -> str:
        """What messages call it."""
        return ", ".join(f"{host}:{self.port}" for host in self.contact_points)


class _FreshPassword(AuthProvider):  # type: ignore[misc]
    """Reads the password for every new connection, so that a replaced file counts from then on."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    @override
    def new_authenticator(self, host: str) -> PlainTextAuthenticator:
        user, password = self._credentials.current()
        return PlainTextAuthenticator(user or "", password or "")


# This adapter says what an outage is and what to do; the driver would add a traceback several times a second. Its
# advice against sessions with a keyspace is no news either: every statement of ours belongs to that one keyspace.
logging.getLogger("cassandra").setLevel(logging.CRITICAL)


def make_cluster(access: CqlAccess) -> Cluster:
    """Make the driver's cluster object; it connects when it is told to."""
    balancing = TokenAwarePolicy(DCAwareRoundRobinPolicy(access.datacenter or ""))
    profile = ExecutionProfile(
        load_balancing_policy=balancing,
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=REQUEST_S,
        row_factory=tuple_factory,
        speculative_execution_policy=ConstantSpeculativeExecutionPolicy(_SPECULATE_AFTER_S, 1),
    )
    return Cluster(
        contact_points=list(access.contact_points),
        port=access.port,
        protocol_version=4,
        # Not libev: its thread was seen to hang while clusters came and went.
        connection_class=QuickConnection,
        # Otherwise the second of two requests waits until the kernel heard of the first, up to its answer.
        sockopts=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        auth_provider=_FreshPassword(access.credentials) if access.credentials.user else None,
        ssl_context=_tls_context(access) if access.tls else None,
        reconnection_policy=ExponentialReconnectionPolicy(*_RECONNECT_S),
        connect_timeout=_HANDSHAKE_S,
        control_connection_timeout=_HANDSHAKE_S,
        idle_heartbeat_interval=_HEARTBEAT_S[0],
        idle_heartbeat_timeout=_HEARTBEAT_S[1],
        schema_event_refresh_window=1,
        topology_event_refresh_window=1,
    )


def _tls_context(access: CqlAccess) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=access.ca_file)
    if access.certificate_file is not None:
        context.load_cert_chain(access.certificate_file, access.key_file)
    return context

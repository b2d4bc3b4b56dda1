"""Clients of a Redis server, of one found by Sentinel, or of a cluster: they connect when they are used."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.credentials import CredentialProvider
from typing_extensions import override

from parley.adapters.redis.address import RedisAddress, parse_address

CONNECT_S: Final = 1.0
ANSWER_S: Final = 2.0
BLOCKING_S: Final = 10.0
"""Longer than any read that waits for news, so that a server that hangs is noticed all the same."""


@dataclass(frozen=True, slots=True)
class RedisAccess:
    """Where Redis is, and how to prove who we are. `credentials` is asked for every new connection.

    `timeout_factor` multiplies every wait for Redis, for one that is far away or on a busy machine.
    """

    url: str
    credentials: Callable[[], tuple[str | None, str | None]] = lambda: (None, None)
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    prefix: str = "parley:"
    timeout_factor: float = 1.0


class _Credentials(CredentialProvider):
    """Hands out what the settings or their files say now."""

    def __init__(self, source: Callable[[], tuple[str | None, str | None]]) -> None:
        self._source = source

    @override
    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        user, password = self._source()
        return (user, password or "") if user else (password or "",)


def make_client(access: RedisAccess, address: RedisAddress, timeout_s: float) -> Redis | RedisCluster:
    """A client that waits `timeout_s` at most for an answer, times the factor. Nothing is connected yet."""
    options = _options(access, address, timeout_s)
    if address.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in address.hosts]
        return RedisCluster(startup_nodes=nodes, retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), 3), **options)
    options |= {"db": address.database, "retry": Retry(NoBackoff(), 1)}
    if address.kind == "sentinel":
        sentinel = Sentinel(  # type: ignore[no-untyped-call]
            list(address.hosts), sentinel_kwargs=options | {"db": 0}, **options
        )
        master: Redis = sentinel.master_for(address.master)
        return master
    host, port = address.hosts[0]
    return Redis(host=host, port=port, **options)


def address_of(access: RedisAccess) -> RedisAddress:
    """The address that the access names; raises ParleyError INVALID_FIELD."""
    return parse_address(access.url)


def _options(access: RedisAccess, address: RedisAddress, timeout_s: float) -> dict[str, Any]:
    options: dict[str, Any] = {
        "socket_connect_timeout": CONNECT_S * access.timeout_factor,
        "socket_timeout": timeout_s * access.timeout_factor,
        "socket_keepalive": True,
        "health_check_interval": 0,
    }
    if any(access.credentials()):
        options["credential_provider"] = _Credentials(access.credentials)
    if address.tls:
        options |= {"ssl": True, "ssl_check_hostname": True}
        files = {"ssl_ca_certs": access.tls_ca, "ssl_certfile": access.tls_cert, "ssl_keyfile": access.tls_key}
        options |= {name: str(path) for name, path in files.items() if path is not None}
    return options

"""From the settings' URLs to adapters: the only place that knows which schemes there are."""
# ruff: noqa: PLC0415 - a driver is loaded only by processes that use it

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from parley.adapters.absent import absent
from parley.adapters.addresses import cql_access, kafka_access, redis_access
from parley.adapters.counted_reads import CountedReader, CountedWatermarks, CountedWriter
from parley.adapters.jwt.key_sources import JwksFile, JwksUrl, KeySource, Secrets
from parley.adapters.jwt.verifier import JwtVerifier
from parley.adapters.memory.channels import MemoryChannels
from parley.adapters.memory.leadership import MemoryLeadership
from parley.adapters.memory.no_recent_keys import NoRecentKeys
from parley.adapters.memory.presence_board import MemoryPresenceBoard
from parley.adapters.memory.recent_keys import MemoryRecentKeys
from parley.adapters.memory.registry import MemoryRegistry
from parley.adapters.memory.resume_cache import MemoryResumeCache
from parley.adapters.sqlite.event_log import SqliteEventLog, open_log
from parley.adapters.sqlite.housekeeping import Housekeeping
from parley.adapters.sqlite.store import SqliteStore
from parley.adapters.sqlite.store import open_store as open_sqlite
from parley.contract import ENVIRONMENT_PREFIX, EVERY_BACKEND, TOPICS, topic_partitions
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.clock import Clock
from parley.runtime.backends import Backends
from parley.runtime.settings import Settings
from parley.runtime.system_clock import SystemClock

if TYPE_CHECKING:
    from parley.adapters.cql.store import CqlStore

_IN_MEMORY: Final = ":memory:"
EMBEDDED: Final = ("sqlite", "memory")
"""Schemes of adapters that live inside one process."""

_REDIS: Final = tuple(f"redi{s}{kind}" for s in ("s", "ss") for kind in ("", "+sentinel", "+cluster"))
_SCHEMES: Final = {
    "log_url": ("sqlite", "kafka", "kafka+tls"),
    "store_url": ("sqlite", "cql", "cql+tls"),
    "registry_url": ("memory", *_REDIS),
}


@dataclass(slots=True)
class _Opened:
    """What was opened so far, by the names of Backends' fields, and how it is closed: the last one first."""

    ports: dict[str, Any] = field(default_factory=dict)
    checks: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)

    def take(
        self,
        name: str,
        ports: dict[str, Any],
        check: Callable[[], Awaitable[None]],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        """Note what one engine gives."""
        self.ports |= ports
        self.checks[name] = check
        self.closing.push_async_callback(close)


async def connect(settings: Settings, clock: Clock | None = None, wanted: frozenset[str] = EVERY_BACKEND) -> Backends:
    """Open the adapters that the settings name, on the machine's clock unless another one is given.

    `wanted` names the engines that this process uses; the ports of the others refuse to be used. An engine on the
    network that cannot be reached now is no error: its calls say so until it can. Raises ParleyError for a setting that
    cannot be right, and for embedded files that cannot be opened.
    """
    _check_schemes(settings)
    clock = clock or SystemClock()
    opened = _Opened()
    try:
        if "log" in wanted:
            await _open_log(settings, clock, opened)
        if "store" in wanted:
            await _open_store(settings, clock, opened)
        if "registry" in wanted:
            await _open_registry(settings, clock, opened)
        _clean_up_embedded(clock, opened)
    except BaseException:
        await opened.closing.aclose()
        raise
    return _backends(settings, clock, opened)


async def _open_log(settings: Settings, clock: Clock, opened: _Opened) -> None:
    if scheme_of(settings.log_url) == "sqlite":
        log = await open_log(data_directory(settings.log_url), clock, topic_partitions(settings.partitions))
        opened.take("log", {"log": log}, log.check, log.close)
        return
    from parley.adapters.kafka.event_log import KafkaEventLog

    kafka = KafkaEventLog(kafka_access(settings))
    opened.take("log", {"log": kafka}, kafka.check, kafka.close)


async def _open_store(settings: Settings, clock: Clock, opened: _Opened) -> None:
    if scheme_of(settings.store_url) == "sqlite":
        store = await open_sqlite(data_directory(settings.store_url))
        opened.take("store", _ports_of(store), store.check, store.close)
        return
    from parley.adapters.cql.store import open_store as open_cql

    cql = open_cql(cql_access(settings), clock)
    opened.take("store", _ports_of(cql), cql.check, cql.close)


def _ports_of(store: "SqliteStore | CqlStore") -> dict[str, Any]:
    reader = CountedReader(store.reader)
    return {
        "store": store,
        "writer": CountedWriter(store.writer),
        "reader": reader,
        "inbox": reader,
        "watermarks": CountedWatermarks(store.watermarks),
        "profiles": store.profiles,
    }


async def _open_registry(settings: Settings, clock: Clock, opened: _Opened) -> None:
    if scheme_of(settings.registry_url) == "memory":
        registry = MemoryRegistry(clock)
        opened.ports |= {"registry": registry, "presence": MemoryPresenceBoard(registry)}
        opened.ports |= {"channels": MemoryChannels(), "leadership": MemoryLeadership(clock)}
        opened.ports["resume_cache"] = MemoryResumeCache(clock)
        if {"log", "writer"} <= opened.ports.keys():
            opened.ports["recent_keys"] = MemoryRecentKeys(clock, opened.ports["log"], opened.ports["writer"])
        return
    from parley.adapters.redis.backend import open_redis

    redis = await open_redis(redis_access(settings), clock)
    ports = {"registry": redis.registry, "presence": redis.presence, "channels": redis.channels}
    ports |= {"leadership": redis.leadership, "recent_keys": redis.recent_keys, "resume_cache": redis.resume_cache}
    opened.take("registry", ports, redis.check, redis.close)


def _clean_up_embedded(clock: Clock, opened: _Opened) -> None:
    """Servers clean up after themselves; files need somebody who does."""
    log, store = opened.ports.get("log"), opened.ports.get("store")
    if not (isinstance(log, SqliteEventLog) and isinstance(store, SqliteStore)):
        return
    retention = {topic.name: topic.retention_ms for topic in TOPICS}
    cleaning = asyncio.create_task(Housekeeping(log, store.database, clock, retention).run())

    async def stop() -> None:
        cleaning.cancel()
        await asyncio.gather(cleaning, return_exceptions=True)

    opened.closing.push_async_callback(stop)


def _backends(settings: Settings, clock: Clock, opened: _Opened) -> Backends:
    names = (
        "log", "writer", "reader", "inbox", "watermarks", "profiles", "registry", "presence", "channels", "recent_keys",
        "resume_cache", "leadership",
    )  # fmt: skip
    ports = {name: opened.ports.get(name, absent(name)) for name in names}
    if not settings.dedupe_hint:
        ports["recent_keys"] = NoRecentKeys()
    tokens = JwtVerifier(
        _key_sources(settings, clock),
        clock,
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_ms=settings.jwt_leeway_ms,
    )
    return Backends(**ports, tokens=tokens, clock=clock, checks=opened.checks, close=opened.closing.aclose)


def _key_sources(settings: Settings, clock: Clock) -> list[KeySource]:
    sources: list[KeySource] = []
    secret = settings.jwt_secret.get_secret_value() if settings.jwt_secret is not None else None
    if secret is not None or settings.jwt_secret_file is not None:
        sources.append(Secrets(secret, settings.jwt_secret_file))
    if settings.jwks_file is not None:
        sources.append(JwksFile(settings.jwks_file))
    if settings.jwks_url is not None:
        sources.append(JwksUrl(settings.jwks_url, clock))
    return sources


def _check_schemes(settings: Settings) -> None:
    for name, schemes in _SCHEMES.items():
        url = getattr(settings, name)
        if scheme_of(url) not in schemes:
            allowed = " or ".join(f"{known}:" for known in schemes)
            text = f"{ENVIRONMENT_PREFIX}{name.upper()} is {url!r}; allowed are URLs that begin with {allowed}"
            raise ParleyError(ErrorCode.INVALID_FIELD, text, field=name)
    if (scheme_of(settings.log_url) == "sqlite") != (scheme_of(settings.store_url) == "sqlite"):
        text = (
            f"PARLEY_LOG_URL is {settings.log_url!r} and PARLEY_STORE_URL is {settings.store_url!r}; a log and a store "
            "in files go together: use sqlite: for both or for neither"
        )
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="store_url")


def scheme_of(url: str) -> str:
    """What stands before the first colon."""
    return url.partition(":")[0]


def data_directory(url: str) -> Path | None:
    """The data directory of a sqlite URL; None for one that keeps nothing."""
    path = url.partition(":")[2]
    return None if path == _IN_MEMORY else Path(path)

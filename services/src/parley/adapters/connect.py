"""From the settings' URLs to adapters: the only place that knows which schemes there are."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from parley.adapters.jwt.key_sources import JwksFile, JwksUrl, KeySource, Secrets
from parley.adapters.jwt.verifier import JwtVerifier
from parley.adapters.memory.channels import MemoryChannels
from parley.adapters.memory.leadership import MemoryLeadership
from parley.adapters.memory.presence_board import MemoryPresenceBoard
from parley.adapters.memory.recent_keys import MemoryRecentKeys
from parley.adapters.memory.registry import MemoryRegistry
from parley.adapters.sqlite.event_log import SqliteEventLog, open_log
from parley.adapters.sqlite.housekeeping import Housekeeping
from parley.adapters.sqlite.store import SqliteStore, open_store
from parley.contract import DEADLETTER, TOPICS
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.clock import Clock
from parley.runtime.backends import Backends
from parley.runtime.settings import Settings
from parley.runtime.system_clock import SystemClock

SECRET_FILE: Final = "jwt-secret"  # noqa: S105 - a file's name
_IN_MEMORY: Final = ":memory:"
_SCHEMES: Final = {"log_url": ("sqlite",), "store_url": ("sqlite",), "registry_url": ("memory",)}


async def connect(settings: Settings, clock: Clock | None = None) -> Backends:
    """Open every adapter that the settings name, on the machine's clock unless another one is given.

    Raises ParleyError that says which one cannot be opened, and why.
    """
    for field, schemes in _SCHEMES.items():
        _check_scheme(field, getattr(settings, field), schemes)
    clock = clock or SystemClock()
    log = await open_log(_directory(settings.log_url), clock, _partitions(settings))
    try:
        store = await open_store(_directory(settings.store_url))
    except BaseException:
        await log.close()
        raise
    return _backends(settings, clock, log, store)


def _backends(settings: Settings, clock: Clock, log: SqliteEventLog, store: SqliteStore) -> Backends:
    registry = MemoryRegistry(clock)
    retention = {topic.name: topic.retention_ms for topic in TOPICS}
    cleaning = asyncio.create_task(Housekeeping(log, store.database, clock, retention).run())

    async def close() -> None:
        cleaning.cancel()
        await asyncio.gather(cleaning, return_exceptions=True)
        await log.close()
        await store.close()

    checks: dict[str, Callable[[], Awaitable[None]]] = {"log": log.check, "store": store.check}
    return Backends(
        log=log,
        writer=store.writer,
        reader=store.reader,
        inbox=store.reader,
        watermarks=store.watermarks,
        profiles=store.profiles,
        registry=registry,
        presence=MemoryPresenceBoard(registry),
        channels=MemoryChannels(),
        recent_keys=MemoryRecentKeys(clock, log, store.writer),
        leadership=MemoryLeadership(clock),
        tokens=JwtVerifier(
            _key_sources(settings, clock),
            clock,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            leeway_ms=settings.jwt_leeway_ms,
        ),
        clock=clock,
        checks=checks,
        close=close,
    )


def development_secret(settings: Settings) -> str | None:
    """The secret that signs development tokens: made beside the data at the first start, readable by its owner only."""
    if not settings.development or settings.jwt_secret_file is not None:
        return None
    if settings.jwt_secret is not None:
        return settings.jwt_secret.get_secret_value()
    directory = _directory(settings.store_url)
    if directory is None:
        return secrets.token_hex(32)
    path = directory / SECRET_FILE
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32) + "\n")
    return path.read_text().strip()


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


def _partitions(settings: Settings) -> dict[str, int]:
    return {topic.name: 1 if topic is DEADLETTER else settings.partitions for topic in TOPICS}


def _check_scheme(field: str, url: str, schemes: tuple[str, ...]) -> None:
    scheme = url.partition(":")[0]
    if scheme in schemes:
        return
    name = f"PARLEY_{field.upper()}"
    text = f"{name} is {url!r}; allowed are URLs that begin with {' or '.join(f'{known}:' for known in schemes)}"
    raise ParleyError(ErrorCode.INVALID_FIELD, text, field=field)


def _directory(url: str) -> Path | None:
    """The data directory of a sqlite URL; None for one that keeps nothing."""
    path = url.partition(":")[2]
    return None if path == _IN_MEMORY else Path(path)

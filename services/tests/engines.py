"""The real servers for tests that need them: started at the first need, once for the whole run, ended with it.

PARLEY_TEST_ENGINES=LOG_URL,STORE_URL,REGISTRY_URL (separated by spaces) uses servers that run already.
"""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from cassandra.cluster import Session
from e2e.backends.backends import Backends
from e2e.backends.redis_topologies import ClusterRedis, SentinelRedis

from parley.adapters.addresses import cql_access, kafka_access
from parley.adapters.cql.access import make_cluster
from parley.adapters.cql.migrations import MIGRATIONS
from parley.adapters.cql.schema import apply as apply_schema
from parley.adapters.cql.schema import replication_of
from parley.adapters.kafka.topic_admin import TopicAdmin
from parley.runtime.settings import Settings, load_settings
from tests.patience import STILL_S

Topology = TypeVar("Topology", SentinelRedis, ClusterRedis)
_topologies: list[SentinelRedis | ClusterRedis] = []
TABLES = tuple(
    statement.split()[5]
    for migration in MIGRATIONS
    for statement in migration.statements
    if "CREATE TABLE" in statement
)


@dataclass(frozen=True)
class Engines:
    """Where the servers are."""

    log_url: str
    store_url: str
    registry_url: str


@cache
def engines() -> Engines:
    """The servers of this run."""
    given = os.environ.get("PARLEY_TEST_ENGINES")
    if given:
        return Engines(*given.split())
    environment = _servers().environment()
    return Engines(*(environment[name] for name in ("PARLEY_LOG_URL", "PARLEY_STORE_URL", "PARLEY_REGISTRY_URL")))


@cache
def _servers() -> Backends:
    """Servers that end with this process, however it ends."""
    servers = Backends(Path(tempfile.mkdtemp(prefix="parley-engines-")))
    servers.up()
    return servers


@cache
def sentinel_redis() -> SentinelRedis:
    """A Redis that Sentinel knows."""
    return _started(SentinelRedis(Path(tempfile.mkdtemp(prefix="parley-sentinel-"))))


@cache
def cluster_redis() -> ClusterRedis:
    """A Redis cluster."""
    return _started(ClusterRedis(Path(tempfile.mkdtemp(prefix="parley-cluster-"))))


def _started(topology: Topology) -> Topology:
    topology.up()
    _topologies.append(topology)
    return topology


@cache
def store_session() -> Session:
    """A session on a keyspace of this run alone."""
    access = cql_access(load_settings(store_url=f"{engines().store_url.rpartition('/')[0]}/{keyspace()}"))
    session = make_cluster(access).connect()
    apply_schema(session, access.keyspace, replication_of("1"))
    return session


@cache
def keyspace() -> str:
    """Its name."""
    return f"test_{uuid.uuid4().hex[:12]}"


@asynccontextmanager
async def fresh_settings(partitions: int = 4) -> AsyncIterator[Settings]:
    """Settings of an installation that nobody else uses: topics and keys of its own, and empty tables."""
    session = await asyncio.to_thread(store_session)
    base = load_settings(
        log_url=engines().log_url,
        store_url=f"{engines().store_url.rpartition('/')[0]}/{keyspace()}",
        registry_url=engines().registry_url,
        partitions=partitions,
    )
    async with fresh_topics(base) as settings:
        await asyncio.to_thread(empty_tables, session)
        yield settings


@asynccontextmanager
async def fresh_topics(base: Settings) -> AsyncIterator[Settings]:
    """The same with a log and a registry of its own."""
    name = uuid.uuid4().hex[:12]
    settings = base.model_copy(update={"log_prefix": f"{name}.", "registry_prefix": f"{name}:"})
    admin = TopicAdmin(kafka_access(settings), 1)
    await asyncio.to_thread(admin.apply)
    try:
        yield settings
    finally:
        await asyncio.to_thread(admin.delete)


def empty_tables(session: Session) -> None:
    """Leave no row of this run's keyspace."""
    for future in [session.execute_async(f"TRUNCATE {keyspace()}.{table}", timeout=STILL_S) for table in TABLES]:
        future.result()


def end_engines() -> None:
    """End what was started; a driver with open connections would keep the process from ending."""
    if store_session.cache_info().currsize:
        store_session().execute(f"DROP KEYSPACE {keyspace()}", timeout=STILL_S)
        store_session().cluster.shutdown()
    for topology in _topologies:
        topology.down()
        shutil.rmtree(topology.folder, ignore_errors=True)
    if _servers.cache_info().currsize:
        _servers().down()
        shutil.rmtree(_servers().folder, ignore_errors=True)

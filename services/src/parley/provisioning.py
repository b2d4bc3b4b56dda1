"""What `parley topics` and `parley schema` do: compare, show, apply. The operator calls the same code."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from parley.adapters.addresses import cql_access, kafka_access, redis_access
from parley.adapters.cql.schema import apply as apply_schema
from parley.adapters.cql.schema import plan as plan_schema
from parley.adapters.cql.schema import read_progress, read_state, replication_of
from parley.adapters.cql.store_connection import StoreConnection
from parley.adapters.kafka.topic_admin import TopicAdmin
from parley.adapters.kafka.topics import retention_of
from parley.adapters.redis.address import parse_address
from parley.adapters.redis.connection import ANSWER_S, make_client
from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.position import generation_of, offset_of
from parley.runtime.settings import Settings

__all__ = [
    "ErrorCode",
    "ParleyError",
    "Report",
    "Settings",
    "registry_check",
    "schema_apply",
    "schema_drop",
    "schema_plan",
    "topics_apply",
    "topics_delete",
    "topics_plan",
    "topics_rewind",
]

SEQUENCER_GROUP = "sequencer"
_DROP_S = 30.0


@dataclass(frozen=True, slots=True)
class Report:
    """Steps that are to be done or were done, and what is refused, with the way out."""

    steps: Sequence[str]
    refusals: Sequence[str] = ()


def topics_plan(settings: Settings) -> Report:
    """What `parley topics apply` would do."""
    compared = _topic_admin(settings).plan()
    return Report(compared.steps, compared.refusals)


def topics_apply(settings: Settings) -> Report:
    """Create and repair topics."""
    return Report(_topic_admin(settings).apply())


def topics_rewind(settings: Settings) -> Report:
    """Let the sequencers fold again from where the store stands; refused where the log no longer has those records."""
    admin = _topic_admin(settings)
    access = cql_access(settings)
    with StoreConnection(access) as session:
        reached = read_progress(session, access.keyspace)
    oldest = admin.offsets(INGRESS.name, oldest=True)
    target: dict[int, int] = {}
    for partition, first in oldest.items():
        position = reached.get(partition)
        here = position is not None and generation_of(position) == settings.log_generation
        target[partition] = offset_of(position) + 1 if position is not None and here else 0
        if target[partition] < first:
            text = (
                f"the store needs partition {partition} from offset {target[partition]}; the log begins at {first}: "
                "what lies between is gone. Restore a newer backup of the store"
            )
            raise ParleyError(ErrorCode.FORBIDDEN, text)
    admin.move(INGRESS.name, SEQUENCER_GROUP, target)
    return Report([f"partition {number}: fold on from offset {offset}" for number, offset in sorted(target.items())])


def topics_delete(settings: Settings) -> Report:
    """Delete the topics with everything in them: for an installation that is taken down for good."""
    _topic_admin(settings).delete()
    return Report([f"topics with the prefix {settings.log_prefix} are deleted"])


def schema_plan(settings: Settings) -> Report:
    """What `parley schema apply` would do."""
    access = cql_access(settings)
    with StoreConnection(access) as session:
        state = read_state(session, access.keyspace)
    compared = plan_schema(state, access.keyspace, replication_of(settings.store_replication))
    return Report(compared.steps, compared.refusals)


def schema_apply(settings: Settings) -> Report:
    """Create the keyspace and apply the steps it lacks."""
    access = cql_access(settings)
    with StoreConnection(access) as session:
        return Report(apply_schema(session, access.keyspace, replication_of(settings.store_replication)))


def schema_drop(settings: Settings) -> Report:
    """Drop the keyspace with everything in it: for an installation that is taken down for good."""
    access = cql_access(settings)
    with StoreConnection(access) as session:
        session.execute(f'DROP KEYSPACE IF EXISTS "{access.keyspace}"', timeout=_DROP_S)
    return Report([f"keyspace {access.keyspace} is dropped"])


def registry_check(settings: Settings) -> Report:
    """Ask Redis whether it is there. Blocking; raises ParleyError UNAVAILABLE."""
    return asyncio.run(_ping(settings))


async def _ping(settings: Settings) -> Report:
    access = redis_access(settings)
    client = make_client(access, parse_address(access.url), ANSWER_S)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        raise ParleyError(ErrorCode.UNAVAILABLE, f"Redis at {access.url} does not answer: {error}") from None
    finally:
        await client.aclose()
    return Report([])


def _topic_admin(settings: Settings) -> TopicAdmin:
    return TopicAdmin(kafka_access(settings), settings.log_replication, retention_of(settings.log_retention))

"""The sequencer on real Kafka and Cassandra: one log folded again and again, and a store that lost its newest rows."""

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cassandra.cluster import Session
from typing_extensions import override

from parley.adapters.connect import connect
from parley.adapters.counted_reads import CountedWriter
from parley.adapters.cql.conversation_writer import CqlConversationWriter
from parley.adapters.cql.session import Bound, CqlSession
from parley.contract import INGRESS
from parley.domain.errors import ParleyError
from parley.ports.event_log import LogConsumer, LogRecord
from parley.provisioning import SEQUENCER_GROUP, topics_rewind
from parley.roles.sequencer.log_joins import LogLost, StoreBehind
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.backends import Backends
from parley.runtime.misfit import Misfit
from parley.runtime.settings import Settings
from tests.engines import TABLES, empty_tables, fresh_settings, fresh_topics, keyspace, store_session
from tests.roles.sequencer.faulty import Chance, FaultyLog
from tests.roles.sequencer.made_log import PARTITIONS, ROOMS, fill, fold_in_cuts, logged, records, told, work_off

pytestmark = [pytest.mark.servers, pytest.mark.slow]


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[Backends]:
    """Adapters as a new process has them."""
    backends = await connect(settings)
    try:
        yield backends
    finally:
        await backends.close()


@pytest.fixture
async def settings() -> AsyncIterator[Settings]:
    async with fresh_settings(PARTITIONS) as fresh:
        yield fresh


class TornSession(CqlSession):
    """A store that fails in the middle of a commit: before or after any one of its requests."""

    def __init__(self, session: CqlSession, chance: Chance) -> None:
        self._real = session
        self._chance = chance

    @override
    async def rows(self, statement: str, *values: Any) -> list[Any]:
        self._chance.strike()
        return await self._real.rows(statement, *values)

    @override
    async def write(self, statements: Sequence[Bound]) -> None:
        self._chance.strike()
        await self._real.write(statements)
        self._chance.strike()

    @override
    def replicas_of(self, key: bytes) -> tuple[Any, ...]:
        return self._real.replicas_of(key)


def cells(session: Session) -> dict[str, list[str]]:
    """Every cell of every table, with the timestamp at which it was written."""
    found: dict[str, list[str]] = {}
    for table in TABLES:
        metadata = session.cluster.metadata.keyspaces[keyspace()].tables[table]
        keys = {column.name for column in metadata.primary_key}
        wanted = [*metadata.columns, *(f"writetime({name})" for name in metadata.columns if name not in keys)]
        query = f"SELECT {', '.join(wanted)} FROM {keyspace()}.{table}"  # noqa: S608 - names that we chose
        found[table] = sorted(repr(tuple(row)) for row in session.execute(query))
    return found


async def fold_through_faults(backends: Backends, found: list[LogRecord], seed: int) -> int:
    """Fold it while log and store fail before, within and after every write; returns how often they did."""
    chance, sizes = Chance(seed, 0.1), random.Random(seed)
    assert isinstance(backends.writer, CountedWriter)
    writer = backends.writer._store
    assert isinstance(writer, CqlConversationWriter)
    writer._session = TornSession(writer._session, chance)
    sequencing, done = Sequencing(dataclasses.replace(backends, log=FaultyLog(backends.log, chance))), 0
    while done < len(found):
        batch = found[done : done + sizes.randint(1, 30)]
        for _ in range(200):
            try:
                await work_off(sequencing, batch)
                break
            except ParleyError:
                sequencing.failed(frozenset(range(PARTITIONS)))
        else:
            pytest.fail("no batch gets through")
        done += len(batch)
    return chance.failures


@pytest.mark.parametrize("seed", range(2))
async def test_g2_one_log_gives_identical_cells_whatever_the_batches_and_crashes(settings: Settings, seed: int) -> None:
    async with connected(settings) as backends:
        await fill(backends, records(seed))
        found = await logged(backends)
        await fold_in_cuts(backends, found, random.Random(seed))
    calm = cells(store_session())
    assert len(calm["messages"]) > 20
    for cuts in (11, 12):
        empty_tables(store_session())
        async with connected(settings) as backends:
            assert await fold_through_faults(backends, found, cuts) > 5
            heads = await backends.reader.heads(ROOMS)
            everything = {(room, seq) for room in ROOMS for seq in range(1, heads[room].seq + 1)}
            assert await told(backends) == everything
        assert cells(store_session()) == calm


async def test_a_store_from_an_older_backup_is_refused_and_folded_again_after_a_rewind(settings: Settings) -> None:
    made = records(3, 60)
    async with connected(settings) as backends:
        await fill(backends, made[:40])
        sequencing, consumer = Sequencing(backends), backends.log.consumer(INGRESS.name, SEQUENCER_GROUP)
        await consume(sequencing, consumer, 40)
        whole = cells(store_session())
        empty_tables(store_session())
        await fill(backends, made[40:])
        with pytest.raises(StoreBehind, match="`parley topics rewind`"):
            await consume(Sequencing(backends), consumer, 20)
        await consumer.close()
    assert cells(store_session())["messages"] == []
    await asyncio.to_thread(topics_rewind, settings)
    async with connected(settings) as backends:
        consumer = backends.log.consumer(INGRESS.name, SEQUENCER_GROUP)
        await consume(Sequencing(backends), consumer, 60)
        await consumer.close()
    assert set(whole["sends"]) <= set(cells(store_session())["sends"])


async def consume(sequencing: Sequencing, consumer: LogConsumer, count: int) -> None:
    """Fold so many records, and commit their offsets."""
    while count > 0:
        records_found = (await consumer.poll(1_000, 0.5)).records
        await work_off(sequencing, records_found)
        await consumer.commit({record.partition: record.position for record in records_found})
        count -= len(records_found)
    await consumer.poll(1, 0.0)


async def test_a_log_that_was_swapped_is_refused_and_nothing_is_written(settings: Settings) -> None:
    async with connected(settings) as backends:
        await fill(backends, records(3, 60))
        await fold_in_cuts(backends, await logged(backends), random.Random(1))
    before = cells(store_session())
    async with fresh_topics(settings) as swapped, connected(swapped) as backends:
        await fill(backends, records(4, 4))
        with pytest.raises(LogLost, match="the log was lost, truncated or swapped"):
            await Sequencing(backends).process(await logged(backends))
    assert cells(store_session()) == before


async def test_topics_with_another_number_of_partitions_are_refused_at_start(settings: Settings) -> None:
    async with connected(settings.model_copy(update={"partitions": PARTITIONS + 1})) as backends:
        with pytest.raises(Misfit, match=f"PARLEY_PARTITIONS={PARTITIONS}"):
            await backends.checks["log"]()

"""What is deleted, and what must stay."""

from pathlib import Path

from parley.adapters.sqlite.event_log import SqliteEventLog, open_log
from parley.adapters.sqlite.housekeeping import Housekeeping
from parley.adapters.sqlite.store import open_store
from parley.contract import DAY_MS, DEADLETTER, INGRESS, SENDS_TTL_MS
from tests.ports.conftest import BEGINNING_MS, ManualClock
from tests.ports.rows import CONVERSATION, commit, entry, send

RETENTION = {INGRESS.name: 2 * DAY_MS, DEADLETTER.name: 5 * DAY_MS}


async def values(log: SqliteEventLog, topic: str, group: str) -> list[bytes]:
    consumer = log.consumer(topic, group)
    found = (await consumer.poll(100, 0.05)).records
    await consumer.close()
    return [record.value for record in found]


async def test_old_records_go_once_every_group_has_read_them_and_offsets_go_on(tmp_path: Path) -> None:
    clock = ManualClock()
    log = await open_log(tmp_path, clock, {INGRESS.name: 1, DEADLETTER.name: 1})
    store = await open_store(tmp_path)
    keeping = Housekeeping(log, store.database, clock, RETENTION)
    places = await log.append(INGRESS.name, 0, [b"a", b"b", b"c"])
    await log.append(DEADLETTER.name, 0, [b"kept longer"])
    quick, slow = log.consumer(INGRESS.name, "quick"), log.consumer(INGRESS.name, "slow")
    for consumer, read in ((quick, places[2]), (slow, places[0])):
        await consumer.poll(10, 0.05)
        await consumer.commit({0: read.position})
        await consumer.close()
    assert await keeping.clean_up() == 0
    clock.wall_ms += 3 * DAY_MS
    assert await keeping.clean_up() == 1
    assert await values(log, INGRESS.name, "slow") == [b"b", b"c"]
    assert await values(log, INGRESS.name, "newcomer") == [b"b", b"c"]
    assert (await log.append(INGRESS.name, 0, [b"d"]))[0].position == places[2].position + 1
    assert await values(log, DEADLETTER.name, "test") == [b"kept longer"]
    await log.close()
    await store.close()


async def test_g4_dedupe_rows_stay_for_longer_than_the_promise_and_then_go(tmp_path: Path) -> None:
    clock = ManualClock()
    log = await open_log(tmp_path, clock, {INGRESS.name: 1, DEADLETTER.name: 1})
    store = await open_store(tmp_path)
    keeping = Housekeeping(log, store.database, clock, RETENTION)
    await store.writer.commit([commit(entry(1, 3), sends=(send(3, 1),))])
    clock.wall_ms = BEGINNING_MS + SENDS_TTL_MS - 1_000
    assert await keeping.clean_up() == 0
    assert await store.writer.prior_send(CONVERSATION, "ann", "key", 9) is not None
    clock.wall_ms = BEGINNING_MS + SENDS_TTL_MS + 1_000
    assert await keeping.clean_up() == 1
    assert await store.writer.prior_send(CONVERSATION, "ann", "key", 9) is None
    await log.close()
    await store.close()

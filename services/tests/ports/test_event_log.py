"""What every event log guarantees."""

import asyncio

import pytest

from parley.contract import DEADLETTER, INGRESS, TIMELINE
from parley.domain.errors import ParleyError
from parley.ports.event_log import LogConsumer, LogRecord
from parley.runtime.backends import Backends
from tests.patience import STILL_S
from tests.ports.conftest import Wired

GROUP = "readers"


async def read(consumer: LogConsumer, count: int) -> list[LogRecord]:
    """Poll until so many records are there."""
    records: list[LogRecord] = []
    async with asyncio.timeout(STILL_S):
        while len(records) < count:
            records += (await consumer.poll(count - len(records), 1.0)).records
    return records


def values(records: list[LogRecord]) -> list[bytes]:
    return [record.value for record in records]


async def test_g1_what_was_appended_is_read_back_in_order_with_its_place(backends: Backends) -> None:
    first = await backends.log.append(INGRESS.name, 1, [b"a", b"b"])
    second = await backends.log.append(INGRESS.name, 1, [b"c"])
    records = await read(backends.log.consumer(INGRESS.name, GROUP), 3)
    assert values(records) == [b"a", b"b", b"c"]
    assert [record.position for record in records] == [place.position for place in [*first, *second]]
    assert [record.message_id for record in records] == [place.message_id for place in [*first, *second]]
    assert [record.appended_at for record in records] == [place.appended_at for place in [*first, *second]]


async def test_positions_grow_by_one_within_a_partition_and_begin_anew_in_each(backends: Backends) -> None:
    places = await backends.log.append(INGRESS.name, 0, [b"x"] * 5)
    assert [place.position - places[0].position for place in places] == [0, 1, 2, 3, 4]
    other = await backends.log.append(INGRESS.name, 2, [b"x"])
    assert other[0].position == places[0].position
    assert await backends.log.end(INGRESS.name, 0) == places[-1].position + 1


async def test_message_ids_are_unique_over_all_partitions(backends: Backends) -> None:
    groups = await asyncio.gather(*(backends.log.append(INGRESS.name, n % 4, [b"x"] * 50) for n in range(8)))
    identifiers = [place.message_id for group in groups for place in group]
    assert len(set(identifiers)) == len(identifiers)


async def test_values_of_one_append_stand_next_to_each_other(backends: Backends) -> None:
    appends = [backends.log.append(INGRESS.name, 0, [f"{n}-{i}".encode() for i in range(5)]) for n in range(20)]
    await asyncio.gather(*appends)
    records = values(await read(backends.log.consumer(INGRESS.name, GROUP), 100))
    blocks = [records[first : first + 5] for first in range(0, 100, 5)]
    assert all(block == [block[0].split(b"-")[0] + f"-{i}".encode() for i in range(5)] for block in blocks)


async def test_a_poll_waits_for_news_and_gives_up_after_its_time(backends: Backends) -> None:
    consumer = backends.log.consumer(INGRESS.name, GROUP)
    assert (await consumer.poll(10, 0.01)).records == ()
    waiting = asyncio.create_task(consumer.poll(10, STILL_S))
    await asyncio.sleep(0)
    await backends.log.append(INGRESS.name, 3, [b"news"])
    async with asyncio.timeout(STILL_S):
        assert values(list((await waiting).records)) == [b"news"]


async def test_a_poll_brings_at_most_its_limit(backends: Backends) -> None:
    await backends.log.append(INGRESS.name, 0, [b"x"] * 10)
    consumer = backends.log.consumer(INGRESS.name, GROUP)
    assert len((await consumer.poll(3, 1.0)).records) <= 3


async def test_a_group_goes_on_after_its_last_commit_and_another_group_begins_at_the_beginning(
    backends: Backends,
) -> None:
    await backends.log.append(INGRESS.name, 0, [b"a", b"b", b"c"])
    consumer = backends.log.consumer(INGRESS.name, GROUP)
    records = await read(consumer, 3)
    await consumer.commit({0: records[1].position})
    await consumer.close()
    assert values(await read(backends.log.consumer(INGRESS.name, GROUP), 1)) == [b"c"]
    assert values(await read(backends.log.consumer(INGRESS.name, "others"), 3)) == [b"a", b"b", b"c"]


async def test_a_rewound_partition_is_read_again_from_the_last_commit(backends: Backends) -> None:
    await backends.log.append(INGRESS.name, 0, [b"a", b"b", b"c"])
    consumer = backends.log.consumer(INGRESS.name, GROUP)
    records = await read(consumer, 3)
    await consumer.commit({0: records[0].position})
    await consumer.rewind(0)
    assert values(await read(consumer, 2)) == [b"b", b"c"]


async def test_two_members_of_a_group_share_the_partitions(backends: Backends) -> None:
    one = backends.log.consumer(INGRESS.name, GROUP)
    other = backends.log.consumer(INGRESS.name, GROUP)
    seen: dict[str, set[int]] = {"one": set(), "other": set()}

    async def collect(name: str, consumer: LogConsumer) -> None:
        while not all(seen.values()):
            polled = await consumer.poll(10, 0.05)
            seen[name] -= polled.revoked
            seen[name] |= {record.partition for record in polled.records}

    async def write() -> None:
        """Again and again, since whoever comes first has all partitions for a moment."""
        while not all(seen.values()):
            for partition in range(4):
                await backends.log.append(INGRESS.name, partition, [b"x"])
            await asyncio.sleep(0.05)

    async with asyncio.timeout(STILL_S):
        await asyncio.gather(collect("one", one), collect("other", other), write())
    assert not seen["one"] & seen["other"]


async def test_what_a_member_did_not_commit_comes_again_to_the_one_who_takes_over(backends: Backends) -> None:
    await backends.log.append(INGRESS.name, 0, [b"a", b"b"])
    leaving = backends.log.consumer(INGRESS.name, GROUP)
    records = await read(leaving, 2)
    await leaving.commit({0: records[0].position})
    staying = backends.log.consumer(INGRESS.name, GROUP)
    await leaving.close()
    assert values(await read(staying, 1)) == [b"b"]


async def test_a_partition_that_went_to_somebody_else_is_told_as_revoked(backends: Backends) -> None:
    for partition in range(4):
        await backends.log.append(INGRESS.name, partition, [b"x"])
    first = backends.log.consumer(INGRESS.name, GROUP)
    await read(first, 4)
    second = backends.log.consumer(INGRESS.name, GROUP)
    revoked: set[int] = set()
    async with asyncio.timeout(STILL_S):
        while not revoked:
            revoked |= (await first.poll(1, 0.01)).revoked
            await second.poll(1, 0.01)
    assert revoked


async def test_partitions_are_told_as_assigned_also_those_without_records(backends: Backends) -> None:
    first = backends.log.consumer(INGRESS.name, GROUP)
    owned: set[int] = set()
    others: set[int] = set()
    async with asyncio.timeout(STILL_S):
        while owned != {0, 1, 2, 3}:
            polled = await first.poll(1, 0.01)
            owned |= polled.assigned
        second = backends.log.consumer(INGRESS.name, GROUP)
        while len(owned) != 2 or owned | others != {0, 1, 2, 3}:
            for member, held in ((first, owned), (second, others)):
                polled = await member.poll(1, 0.01)
                held.difference_update(polled.revoked)
                held.update(polled.assigned)
    assert not owned & others


async def test_lag_counts_what_is_not_committed(backends: Backends) -> None:
    await backends.log.append(INGRESS.name, 2, [b"a", b"b", b"c"])
    assert (await backends.log.lag(INGRESS.name, GROUP))[2] == 3
    before = (await backends.log.behind(INGRESS.name, GROUP))[2]
    assert before.waiting == 3
    consumer = backends.log.consumer(INGRESS.name, GROUP)
    records = await read(consumer, 3)
    await consumer.commit({2: records[1].position})
    async with asyncio.timeout(STILL_S):
        while (await backends.log.lag(INGRESS.name, GROUP))[2] != 1:
            await consumer.poll(1, 0.01)
    after = (await backends.log.behind(INGRESS.name, GROUP))[2]
    assert (after.end, after.waiting) == (before.end, 1)


async def test_log_time_never_goes_back_within_a_partition(wired: Wired) -> None:
    log = wired.backends.log
    before = (await log.append(INGRESS.name, 0, [b"x"]))[0].appended_at
    await wired.pass_time(-10.0)
    after = (await log.append(INGRESS.name, 0, [b"x"]))[0].appended_at
    assert after >= before


async def test_topics_do_not_mix_and_unknown_places_are_refused(backends: Backends) -> None:
    await backends.log.append(INGRESS.name, 0, [b"x"])
    assert await backends.log.end(TIMELINE.name, 0) == 0
    assert await backends.log.partitions(DEADLETTER.name) == 1
    for topic, partition in (("nothing", 0), (INGRESS.name, 99)):
        with pytest.raises(ParleyError):
            await backends.log.append(topic, partition, [b"x"])

"""The timeline is told one batch after the other, while the next one is written already."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence

import pytest

from parley.adapters.connect import connect
from parley.domain.content import Content
from parley.domain.errors import ParleyError
from parley.domain.records import Post, Record
from parley.ports.event_log import LogRecord
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.backends import Backends
from parley.runtime.settings import load_settings
from tests.patience import STILL_S
from tests.roles.sequencer.faulty import SlowLog
from tests.roles.sequencer.made_log import PARTITIONS, ROOMS, fill, logged, told, work_off

ROOM = ROOMS[0]


@pytest.fixture
async def backends() -> AsyncIterator[Backends]:
    url = "sqlite::memory:"
    connected = await connect(load_settings(log_url=url, store_url=url, registry_url="memory:", partitions=PARTITIONS))
    await fill(connected, [Record(ROOM, "ann", f"key-{n}", Post(Content(f"text {n}"), "user0")) for n in range(3)])
    yield connected
    await connected.close()


async def head_seq(backends: Backends) -> int:
    return (await backends.reader.heads([ROOM]))[ROOM].seq


def positions(records: Sequence[LogRecord]) -> dict[int, int]:
    return {record.partition: record.position for record in records}


async def seqs_told(backends: Backends) -> set[int]:
    return {seq for _, seq in await told(backends)}


async def test_a_batch_is_written_while_the_one_before_it_is_told(backends: Backends) -> None:
    first, second, _ = await logged(backends)
    slow = SlowLog(backends.log)
    sequencing = Sequencing(dataclasses.replace(backends, log=slow))
    await sequencing.process([first])
    writing = asyncio.create_task(sequencing.process([second]))
    async with asyncio.timeout(STILL_S):
        while await head_seq(backends) < 2:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0)
    assert slow.asked == 1
    slow.let.set()
    await writing
    await sequencing.settle(positions([second]))
    assert await seqs_told(backends) == {1, 2}


async def test_g1_nothing_is_settled_before_it_is_told(backends: Backends) -> None:
    first, *_ = await logged(backends)
    slow = SlowLog(backends.log)
    sequencing = Sequencing(dataclasses.replace(backends, log=slow))
    await sequencing.process([first])
    settling = asyncio.create_task(sequencing.settle(positions([first])))
    await asyncio.wait([settling], timeout=0.05)
    assert await backends.writer.reached(first.partition) is None
    slow.let.set()
    await settling
    assert await seqs_told(backends) == {1}
    assert await backends.writer.reached(first.partition) == first.position


@pytest.mark.parametrize("who", ["the next batch", "settling"])
async def test_g1_what_could_not_be_told_fails_whoever_comes_next_and_is_told_when_it_comes_again(
    backends: Backends, who: str
) -> None:
    first, second, third = await logged(backends)
    slow = SlowLog(backends.log)
    sequencing = Sequencing(dataclasses.replace(backends, log=slow))
    slow.fails = True
    slow.let.set()
    await sequencing.process([first])
    with pytest.raises(ParleyError, match="the timeline fails"):
        await (sequencing.process([second]) if who == "the next batch" else sequencing.settle(positions([first])))
    sequencing.failed(frozenset({first.partition}))
    slow.fails = False
    await work_off(sequencing, [first, second])
    await work_off(sequencing, [third])
    assert await seqs_told(backends) == {1, 2, 3}

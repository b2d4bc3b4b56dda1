"""The sequencer on the embedded engines: outages, batch cuts, a lost log."""

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.adapters.connect import connect
from parley.contract import INGRESS, TIMELINE
from parley.domain.content import Content
from parley.domain.errors import ParleyError
from parley.domain.identity import direct_conversation_id, partition_of
from parley.domain.records import AnyBody, Delete, Edit, Post, React, Record
from parley.ports.event_log import LogRecord
from parley.roles.sequencer.log_joins import LogLost
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.backends import Backends
from parley.runtime.settings import load_settings
from tests.roles.sequencer.faulty import Chance, FaultyLog, FaultyWriter

ROOMS = [direct_conversation_id("ann", f"user{number}") for number in range(3)]


def records(seed: int, count: int = 120) -> list[Record]:
    """A log in which people write, change, delete, react, and send again."""
    chance = random.Random(seed)
    made: list[Record] = []
    for number in range(count):
        if made and chance.random() < 0.2:
            made.append(msgspec.structs.replace(chance.choice(made), retry=True))
            continue
        room, target, text = chance.randrange(3), chance.randint(1, 20), Content(f"text {number}")
        bodies: list[AnyBody] = [
            *([Post(text, f"user{room}")] * 4),
            Edit(target, text),
            Delete(target),
            React(target, "x"),
        ]
        made.append(Record(ROOMS[room], "ann", f"key-{number}", chance.choice(bodies)))
    return made


async def filled(folder: Path | str, made: Sequence[Record]) -> Backends:
    """Adapters whose ingress log holds these records."""
    url = f"sqlite:{folder}"
    backends = await connect(load_settings(log_url=url, store_url=url, registry_url="memory:", partitions=2))
    for record in made:
        value = msgspec.msgpack.encode(record)
        await backends.log.append(INGRESS.name, partition_of(record.conversation, 2), [value])
    return backends


async def logged(backends: Backends) -> list[LogRecord]:
    consumer = backends.log.consumer(INGRESS.name, "test")
    found: list[LogRecord] = []
    while batch := (await consumer.poll(1_000, 0.05)).records:
        found += batch
    await consumer.close()
    return found


async def stored(backends: Backends) -> list[Any]:
    """Everything that the store has of the rooms, without the times at which the log happened to be written."""
    rows: list[Any] = []
    for room in ROOMS:
        head = (await backends.reader.heads([room]))[room]
        part = await backends.reader.slice(room, 1, head.seq)
        entries = [
            {k: v for k, v in msgspec.to_builtins(e).items() if k not in {"created_at", "message_id", "edited_at"}}
            for e in part.entries
        ]
        rows += [room, head, entries, sorted((k, tuple(v)) for k, v in part.reactions.items())]
        rows.append(await backends.reader.membership(room))
    return rows


async def fold_in_cuts(backends: Backends, found: list[LogRecord], sizes: random.Random) -> None:
    sequencing, done = Sequencing(backends), 0
    while done < len(found):
        size = sizes.randint(1, 30)
        await sequencing.process(found[done : done + size])
        done += size
        if sizes.random() < 0.3:
            sequencing.failed(frozenset({0, 1}))


@pytest.mark.parametrize("seed", range(4))
async def test_g2_the_same_log_gives_the_same_store_whatever_the_batches(seed: int) -> None:
    made = records(seed)
    results = []
    for cuts in range(3):
        backends = await filled(":memory:", made)
        await fold_in_cuts(backends, await logged(backends), random.Random(cuts))
        results.append(await stored(backends))
        await backends.close()
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("seed", range(4))
async def test_g1_g2_outages_before_and_after_every_write_change_nothing(seed: int) -> None:
    made = records(seed)
    calm, stormy = await filled(":memory:", made), await filled(":memory:", made)
    await fold_in_cuts(calm, await logged(calm), random.Random(1))
    chance = Chance(seed, 0.25)
    struck = dataclasses.replace(stormy, writer=FaultyWriter(stormy.writer, chance), log=FaultyLog(stormy.log, chance))
    sequencing = Sequencing(struck)
    found = await logged(stormy)
    for first in range(0, len(found), 10):
        while True:
            try:
                await sequencing.process(found[first : first + 10])
                break
            except ParleyError:
                sequencing.failed(frozenset({0, 1}))
    assert chance.failures > 5
    assert await stored(stormy) == await stored(calm)
    assert await told(stormy) == await told(calm)
    for backends in (calm, stormy):
        await backends.close()


async def told(backends: Backends) -> set[tuple[str, int]]:
    """Which entries the timeline tells of."""
    consumer = backends.log.consumer(TIMELINE.name, "test")
    found: list[Any] = []
    while batch := (await consumer.poll(1_000, 0.05)).records:
        found += [msgspec.msgpack.decode(record.value) for record in batch]
    await consumer.close()
    return {(e["entry"]["conversation"], e["entry"]["seq"]) for e in found if e["type"] == "sequenced"}


async def test_a_batch_that_was_done_already_is_told_again_and_changes_nothing() -> None:
    backends = await filled(":memory:", records(9))
    found = await logged(backends)
    await Sequencing(backends).process(found)
    before, first = await stored(backends), await told(backends)
    await Sequencing(backends).process(found)
    assert await stored(backends) == before
    assert await told(backends) == first
    await backends.close()


async def test_a_store_that_is_ahead_of_its_log_stops_the_sequencer_with_the_way_out(tmp_path: Path) -> None:
    backends = await filled(tmp_path / "data", records(3))
    await Sequencing(backends).process(await logged(backends))
    await backends.close()
    for file in (tmp_path / "data").glob("log.db*"):
        file.unlink()
    backends = await filled(tmp_path / "data", records(3, 2))
    with pytest.raises(LogLost, match="the log was lost, truncated or swapped"):
        await Sequencing(backends).process(await logged(backends))
    await backends.close()

"""A log in which people write, change, delete, react and send again, and ways to fold it."""

import random
from collections.abc import Sequence

import msgspec

from parley.contract import INGRESS, TIMELINE
from parley.domain.content import Content
from parley.domain.identity import direct_conversation_id, partition_of
from parley.domain.position import offset_of
from parley.domain.records import AnyBody, Delete, Edit, Post, React, Record
from parley.ports.event_log import LogRecord
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.backends import Backends

PARTITIONS = 2
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


async def fill(backends: Backends, made: Sequence[Record]) -> None:
    """Append these records to the ingress log."""
    for record in made:
        value = msgspec.msgpack.encode(record)
        await backends.log.append(INGRESS.name, partition_of(record.conversation, PARTITIONS), [value])


async def logged(backends: Backends) -> list[LogRecord]:
    """The whole ingress log, in an order in which a sequencer may get it."""
    return await _read(backends, INGRESS.name)


async def told(backends: Backends) -> set[tuple[str, int]]:
    """Which entries the timeline tells of."""
    found = [msgspec.msgpack.decode(record.value) for record in await _read(backends, TIMELINE.name)]
    return {(e["entry"]["conversation"], e["entry"]["seq"]) for e in found if e["type"] == "sequenced"}


async def _read(backends: Backends, topic: str) -> list[LogRecord]:
    ends = [await backends.log.end(topic, number) for number in range(PARTITIONS)]
    consumer = backends.log.consumer(topic, "test")
    found: list[LogRecord] = []
    while len(found) < sum(offset_of(end) for end in ends):
        found += (await consumer.poll(1_000, 0.5)).records
    await consumer.close()
    return found


async def work_off(sequencing: Sequencing, batch: Sequence[LogRecord]) -> None:
    """Fold a batch and let the store say so, as a role does before it commits offsets."""
    await sequencing.process(batch)
    await sequencing.settle({record.partition: record.position for record in batch})


async def fold_in_cuts(backends: Backends, found: list[LogRecord], sizes: random.Random) -> None:
    """Fold it in batches of any size; some of them are taken for failed after they were done."""
    sequencing, done = Sequencing(backends), 0
    while done < len(found):
        size = sizes.randint(1, 30)
        await work_off(sequencing, found[done : done + size])
        done += size
        if sizes.random() < 0.3:
            sequencing.failed(frozenset({0, 1}))

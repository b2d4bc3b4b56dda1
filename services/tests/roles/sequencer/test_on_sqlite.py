"""The sequencer on the embedded engines: outages, batch cuts, a lost log."""

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parley.adapters.connect import connect
from parley.domain.errors import ParleyError
from parley.domain.records import Record
from parley.roles.sequencer.log_joins import LogLost
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.backends import Backends
from parley.runtime.settings import load_settings
from tests.roles.sequencer.faulty import Chance, FaultyLog, FaultyWriter
from tests.roles.sequencer.made_log import PARTITIONS, ROOMS, fill, fold_in_cuts, logged, records, told, work_off


async def filled(folder: Path | str, made: Sequence[Record]) -> Backends:
    """Adapters whose ingress log holds these records."""
    url = f"sqlite:{folder}"
    backends = await connect(load_settings(log_url=url, store_url=url, registry_url="memory:", partitions=PARTITIONS))
    await fill(backends, made)
    return backends


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
                await work_off(sequencing, found[first : first + 10])
                break
            except ParleyError:
                sequencing.failed(frozenset({0, 1}))
    assert chance.failures > 5
    assert await stored(stormy) == await stored(calm)
    assert await told(stormy) == await told(calm)
    for backends in (calm, stormy):
        await backends.close()


async def test_a_batch_that_was_done_already_is_told_again_and_changes_nothing() -> None:
    backends = await filled(":memory:", records(9))
    found = await logged(backends)
    await work_off(Sequencing(backends), found)
    before, first = await stored(backends), await told(backends)
    await work_off(Sequencing(backends), found)
    assert await stored(backends) == before
    assert await told(backends) == first
    await backends.close()


async def test_a_store_that_is_ahead_of_its_log_stops_the_sequencer_with_the_way_out(tmp_path: Path) -> None:
    backends = await filled(tmp_path / "data", records(3))
    await work_off(Sequencing(backends), await logged(backends))
    await backends.close()
    for file in (tmp_path / "data").glob("log.db*"):
        file.unlink()
    backends = await filled(tmp_path / "data", records(3, 2))
    with pytest.raises(LogLost, match="the log was lost, truncated or swapped"):
        await work_off(Sequencing(backends), await logged(backends))
    await backends.close()

"""When the sequencer may tell what it stored: heads are in the cache first, or nobody trusts the cache."""

import dataclasses
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path

from typing_extensions import override

from parley.adapters.connect import connect
from parley.adapters.memory.resume_cache import MemoryResumeCache
from parley.domain.entries import Head
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.resume_cache import CLOCKS_AGREE_S, HOLD_S, Hold
from parley.roles.sequencer.known_heads import KnownHeads
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.settings import load_settings
from tests.ports.conftest import ManualClock
from tests.roles.sequencer.made_log import PARTITIONS, ROOMS, fill, logged, records, work_off

OURS = frozenset({0})
NAME = ROOMS[0]


class OnePartition:
    """As much of a log as is asked."""

    async def partitions(self, _: str) -> int:
        return 1


class Breakable(MemoryResumeCache):
    """Out of reach while it is broken."""

    broken = False
    attempts = 0

    def _check(self) -> None:
        if self.broken:
            raise ParleyError(ErrorCode.UNAVAILABLE, "out of reach")

    @override
    async def reach(self) -> None:
        self._check()

    @override
    async def hold(self, hold: Hold) -> frozenset[int]:
        self.attempts += 1
        self._check()
        return await super().hold(hold)

    @override
    async def write(self, heads: Mapping[str, Head], joined: Collection[str]) -> None:
        self._check()
        await super().write(heads, joined)


class Watched:
    """Notes heads on a clock that goes by what is waited for."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.cache = Breakable(self.clock)
        self.waited: list[float] = []
        self.heals_after = 0
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.known = KnownHeads(self.cache, OnePartition(), self.clock, self._pause)  # type: ignore[arg-type]

    async def _pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.seconds += seconds
        if self.meanwhile is not None:
            await self.meanwhile()
        if len(self.waited) == self.heals_after:
            self.cache.broken = False

    async def note(self, seq: int) -> list[float]:
        """The waits that it took."""
        self.waited.clear()
        await self.known.note(OURS, {NAME: Head(seq, seq)}, ())
        return list(self.waited)

    async def found(self) -> dict[str, Head]:
        return dict((await self.cache.look([], [NAME])).heads)


async def test_heads_are_there_before_anything_may_be_told() -> None:
    world = Watched()
    assert await world.note(1) == []
    assert await world.found() == {NAME: Head(1, 1)}


async def test_g3_who_cannot_write_tells_nothing_until_nobody_trusts_the_cache_and_waits_once() -> None:
    world = Watched()
    await world.note(1)
    world.cache.broken = True
    assert HOLD_S <= sum(await world.note(2)) <= HOLD_S + CLOCKS_AGREE_S
    assert await world.found() == {}
    assert await world.note(3) == []
    world.clock.seconds += 60
    assert await world.note(4) == []


async def test_a_cache_that_is_away_for_a_moment_holds_up_nobody_longer_than_that() -> None:
    world = Watched()
    await world.note(1)
    world.cache.broken = True
    world.heals_after = 2
    assert len(await world.note(2)) == 2
    assert await world.found() == {NAME: Head(2, 2)}


async def test_g3_nothing_prolongs_the_trust_in_a_cache_that_lacks_a_head() -> None:
    world = Watched()
    await world.note(1)
    world.cache.broken = True
    world.meanwhile = world.known._hold
    before = world.cache.attempts
    assert sum(await world.note(2)) <= HOLD_S + CLOCKS_AGREE_S
    assert world.cache.attempts == before


async def test_g3_what_was_missed_is_not_known_when_the_cache_is_back() -> None:
    world = Watched()
    await world.note(1)
    world.cache.broken = True
    await world.note(2)
    world.cache.broken = False
    await world.known._hold()
    assert await world.found() == {}
    await world.note(3)
    assert await world.found() == {NAME: Head(3, 3)}


async def test_nothing_is_held_on_a_cache_that_is_out_of_reach_since_it_might_be_done_later() -> None:
    world = Watched()
    await world.note(1)
    world.cache.broken = True
    await world.note(2)
    before = world.cache.attempts
    for _ in range(5):
        world.clock.seconds += 1
        await world.known._hold()
    assert world.cache.attempts == before


async def test_g3_a_partition_that_was_just_given_to_us_may_be_trusted_by_the_word_of_its_last_holder() -> None:
    world = Watched()
    await world.cache.hold(Hold("another", 1, OURS))
    await world.cache.write({NAME: Head(1, 1)}, ())
    world.cache.broken = True
    world.known.assigned(OURS)
    assert sum(await world.note(2)) >= HOLD_S
    assert await world.found() == {}


async def test_a_partition_that_was_taken_from_us_is_taken_back_with_the_next_record_of_it() -> None:
    world = Watched()
    await world.note(1)
    await world.cache.hold(Hold("another", 1, OURS))
    await world.known._hold()
    assert await world.note(2) == []
    assert await world.cache.hold(Hold("another", 1, kept=OURS)) == OURS
    assert await world.found() == {NAME: Head(2, 2)}


async def test_g3_a_batch_that_is_done_again_forgets_the_lists_of_those_who_joined(tmp_path: Path) -> None:
    """The process may have ended between the store and the cache, and the records only repeat what they became."""
    url = f"sqlite:{tmp_path / 'data'}"
    backends = await connect(load_settings(log_url=url, store_url=url, registry_url="memory:", partitions=PARTITIONS))
    await fill(backends, records(5))
    found = await logged(backends)
    joined: list[set[str]] = []

    class Listening(MemoryResumeCache):
        @override
        async def write(self, heads: Mapping[str, Head], joined_now: Collection[str]) -> None:
            joined.append(set(joined_now))
            await super().write(heads, joined_now)

    listening = dataclasses.replace(backends, resume_cache=Listening(backends.clock))
    for _ in range(2):
        await work_off(Sequencing(listening), found)
    first, again = joined[: len(joined) // 2], joined[len(joined) // 2 :]
    assert set().union(*first)
    assert set().union(*first) <= set().union(*again)
    await backends.close()

"""Keys are worked on once each, by one worker at a time, when they are due, and none is lost."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley_operator.reconcile.queue import Key, WorkQueue
from tests.jumping_loop import in_jumping_time

A: Final[Key] = ("here", "a")
B: Final[Key] = ("here", "b")
KEYS: Final[tuple[Key, ...]] = (A, B, ("there", "a"))
LONG_ENOUGH: Final = 200.0
QUICK: Final = settings(max_examples=80, deadline=None)

plans: Final = st.lists(
    st.tuples(
        st.sampled_from((0.0, 0.5, 1.0, 7.0)),
        st.sampled_from(KEYS),
        st.sampled_from((0.0, 0.0, 1.0, 5.0, 20.0)),
        st.sampled_from((0.0, 0.5, 3.0)),
    ),
    min_size=1,
    max_size=25,
)
"""Pause, key, its delay, and how long the work on it takes."""


@dataclass
class Office:
    """Workers, and what they did: `added` and `taken` are times by key."""

    queue: WorkQueue = field(default_factory=WorkQueue)
    added: dict[Key, list[tuple[float, float]]] = field(default_factory=dict)
    taken: dict[Key, list[float]] = field(default_factory=dict)
    busy: set[Key] = field(default_factory=set)
    lasts: dict[Key, float] = field(default_factory=dict)

    def add(self, key: Key, after_s: float) -> None:
        now = asyncio.get_running_loop().time()
        self.added.setdefault(key, []).append((now, now + after_s))
        self.queue.add(key, after_s)

    async def work(self) -> None:
        while True:
            key = await self.queue.take()
            assert key not in self.busy, "two workers on one key"
            self.busy.add(key)
            assert self.queue.active == len(self.busy)
            self.taken.setdefault(key, []).append(asyncio.get_running_loop().time())
            await asyncio.sleep(self.lasts.get(key, 0.0))
            self.busy.remove(key)
            self.queue.done(key)

    async def open(self, plan: list[tuple[float, Key, float, float]], workers: int) -> None:
        tasks = [asyncio.create_task(self.work()) for _ in range(workers)]
        for pause, key, after_s, lasts in plan:
            await asyncio.sleep(pause)
            self.lasts[key] = lasts
            self.add(key, after_s)
        await asyncio.sleep(LONG_ENOUGH)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert all(task.cancelled() for task in tasks), "a worker found something wrong"


@QUICK
@given(plan=plans, workers=st.integers(1, 3))
def test_no_key_is_lost_and_none_comes_before_it_is_due(
    plan: list[tuple[float, Key, float, float]], workers: int
) -> None:
    office = Office()

    async def work() -> None:
        office.queue = WorkQueue()
        await office.open(plan, workers)
        assert len(office.queue) == office.queue.active == 0

    in_jumping_time(work())
    for key, added in office.added.items():
        taken = office.taken[key]
        assert len(taken) <= len(added)
        assert all(any(start >= begun for start in taken) for begun, _ in added), "somebody's wish was forgotten"
        for number, start in enumerate(taken):
            since = taken[number - 1] if number else 0.0
            assert any(since <= begun and due <= start + 1e-6 for begun, due in added), "nobody wanted it yet"


@QUICK
@given(plan=plans)
def test_with_workers_enough_a_key_is_taken_the_moment_it_is_due(
    plan: list[tuple[float, Key, float, float]],
) -> None:
    office = Office()
    quick = [(pause, key, after_s, 0.0) for pause, key, after_s, _ in plan]

    async def work() -> None:
        office.queue = WorkQueue()
        await office.open(quick, len(KEYS))

    in_jumping_time(work())
    for key, added in office.added.items():
        for begun, due in added:
            assert any(begun <= start <= due + 1e-6 for start in office.taken[key])


async def _taken(queue: WorkQueue, within_s: float = 0.01) -> Key | None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            return await queue.take()
    return None


def test_a_key_that_is_added_often_comes_once() -> None:
    async def work() -> None:
        queue = WorkQueue()
        for _ in range(5):
            queue.add(A)
        assert len(queue) == 1
        assert await _taken(queue) == A
        queue.done(A)
        assert await _taken(queue, 100) is None

    in_jumping_time(work())


def test_a_key_that_is_added_while_it_is_worked_on_comes_back_once_afterwards() -> None:
    async def work() -> None:
        queue = WorkQueue()
        queue.add(A)
        await queue.take()
        queue.add(A)
        queue.add(A)
        queue.add(B)
        assert await _taken(queue) == B, "others are not held up"
        assert await _taken(queue, 100) is None
        queue.done(A)
        assert await _taken(queue) == A
        queue.done(A)
        assert await _taken(queue, 100) is None

    in_jumping_time(work())


@pytest.mark.parametrize("delays", [(30.0, 2.0), (2.0, 30.0), (2.0, 2.0)])
def test_of_two_wishes_the_earlier_counts(delays: tuple[float, float]) -> None:
    async def work() -> None:
        queue = WorkQueue()
        for delay in delays:
            queue.add(A, delay)
        assert len(queue) == 0
        assert await _taken(queue, 1.9) is None
        assert await _taken(queue, 0.2) == A
        queue.done(A)
        assert await _taken(queue, 100) is None

    in_jumping_time(work())


def test_a_worker_that_waits_for_a_busy_key_gets_it_when_the_other_ends() -> None:
    async def work() -> None:
        queue = WorkQueue()
        queue.add(A)
        await queue.take()
        queue.add(A)
        waiting = asyncio.create_task(queue.take())
        await asyncio.sleep(1)
        queue.done(A)
        await asyncio.sleep(1)
        assert waiting.done()
        assert queue.active == 1

    in_jumping_time(work())


def test_a_worker_that_waits_for_later_is_woken_by_what_comes_sooner() -> None:
    async def work() -> None:
        queue = WorkQueue()
        queue.add(A, 50.0)
        waiting = asyncio.create_task(queue.take())
        await asyncio.sleep(1)
        queue.add(B)
        assert await waiting == B
        assert asyncio.get_running_loop().time() == pytest.approx(1.0)

    in_jumping_time(work())


def test_a_forgotten_key_does_not_come_back() -> None:
    async def work() -> None:
        queue = WorkQueue()
        queue.add(A, 1.0)
        queue.forget(A)
        assert await _taken(queue, 100) is None
        queue.add(A)
        assert await _taken(queue) == A

    in_jumping_time(work())


def test_a_worker_that_is_cancelled_while_it_waits_takes_nothing_with_it() -> None:
    async def work() -> None:
        queue = WorkQueue()
        waiting = asyncio.create_task(queue.take())
        await asyncio.sleep(1)
        waiting.cancel()
        queue.add(A)
        await asyncio.gather(waiting, return_exceptions=True)
        assert await _taken(queue) == A

    in_jumping_time(work())


def test_the_oldest_wish_comes_first() -> None:
    async def work() -> None:
        queue = WorkQueue()
        queue.add(B)
        await asyncio.sleep(1)
        queue.add(A)
        assert [await queue.take(), await queue.take()] == [B, A]

    in_jumping_time(work())

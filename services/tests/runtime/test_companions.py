"""What goes on beside a role's own work does not end unnoticed."""

import asyncio

import pytest

from parley.runtime.companions import with_companions
from tests.patience import STILL_S


async def test_g8_a_companion_that_fails_stops_the_work_in_order_and_its_error_is_raised() -> None:
    finished = []

    async def work(stop: asyncio.Event) -> None:
        await stop.wait()
        finished.append("the batch in hand")

    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError("partition 7")

    with pytest.raises(KeyError, match="partition 7"):
        async with asyncio.timeout(STILL_S):
            await with_companions(asyncio.Event(), work, asyncio.sleep(STILL_S * 2), fail())
    assert finished == ["the batch in hand"]


async def test_companions_go_on_until_the_work_has_ended_and_no_longer() -> None:
    stop, beats = asyncio.Event(), [0]

    async def beat() -> None:
        while True:
            beats[0] += 1
            await asyncio.sleep(0)

    async def work(ending: asyncio.Event) -> None:
        await ending.wait()
        before = beats[0]
        while beats[0] < before + 3:  # noqa: ASYNC110 - the companion tells nobody
            await asyncio.sleep(0)

    stop.set()
    async with asyncio.timeout(STILL_S):
        await with_companions(stop, work, beat())
    ended = beats[0]
    await asyncio.sleep(0)
    assert beats[0] == ended


async def test_a_companion_that_is_done_early_leaves_the_work_alone_and_a_fault_of_the_work_is_raised() -> None:
    stop = asyncio.Event()

    async def work(ending: asyncio.Event) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        assert not ending.is_set()
        raise ValueError("the work's own")

    with pytest.raises(ValueError, match="the work's own"):
        async with asyncio.timeout(STILL_S):
            await with_companions(stop, work, asyncio.sleep(0))

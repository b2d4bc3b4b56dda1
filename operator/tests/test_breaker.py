"""A server that fails again and again is asked less often, and again when its turn comes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from inputs_example import spec_of

from parley_operator.external.breaker import OPEN_S, THRESHOLD, Breaker
from parley_operator.external.outcome import Outcome
from parley_operator.external.part import ExternalPart, Known

NOBODY: Final = "127.0.0.1:1"


def _failed(times: int, at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.failed(at)
    return breaker


def test_it_opens_after_enough_failures_and_not_before() -> None:
    assert not _failed(THRESHOLD - 1).open
    assert _failed(THRESHOLD - 1).allows(0.0)
    assert _failed(THRESHOLD).open
    assert not _failed(THRESHOLD).allows(0.0)


def test_after_a_while_one_attempt_is_let_through_and_decides() -> None:
    breaker = _failed(THRESHOLD, at=100.0)
    assert not breaker.allows(100.0 + OPEN_S - 0.1)
    assert breaker.allows(100.0 + OPEN_S)
    breaker.failed(100.0 + OPEN_S)
    assert not breaker.allows(100.0 + 2 * OPEN_S - 0.1)
    breaker.succeeded()
    assert breaker.allows(100.0 + OPEN_S)
    assert not breaker.open


def test_a_success_makes_earlier_failures_forgotten() -> None:
    breaker = _failed(THRESHOLD - 1)
    breaker.succeeded()
    for _ in range(THRESHOLD - 1):
        breaker.failed(0.0)
    assert breaker.allows(0.0)


@given(happenings=st.lists(st.tuples(st.floats(0.0, 100.0), st.booleans()), max_size=60))
def test_it_keeps_back_exactly_while_the_last_failures_are_many_and_new(
    happenings: list[tuple[float, bool]],
) -> None:
    breaker, now, row, last = Breaker(), 0.0, 0, 0.0
    for pause, good in happenings:
        now += pause
        if good:
            breaker.succeeded()
            row = 0
        else:
            breaker.failed(now)
            row, last = row + 1, now
        assert breaker.open == (row >= THRESHOLD)
        assert breaker.allows(now + 1.0) == (row < THRESHOLD or now + 1.0 - last >= OPEN_S)


async def test_a_server_that_does_not_answer_is_told_and_asked_again_before_the_interval_is_over() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        calls: asyncio.Queue[None] = asyncio.Queue()
        part = ExternalPart("redis", lambda: calls.put_nowait(None), 1000.0, 20.0, pool)
        spec = spec_of(redis={"address": NOBODY})
        assert part.want("first", spec, {}, act=True) == 1000.0
        await asyncio.wait_for(calls.get(), 30)
        assert "127.0.0.1" in part.known.error
        assert part.known.about == "first"
        assert 0 < part.want("first", spec, {}, act=True) < 5
        assert calls.empty()
        # The same answer again is no news, but somebody must come back for the next attempt.
        part._next = 0.0
        part.want("first", spec, {}, act=True)
        await asyncio.wait_for(calls.get(), 30)
        await part.stop()


async def test_a_server_that_answered_is_asked_again_soon_before_it_is_told_to_be_away() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        calls: asyncio.Queue[None] = asyncio.Queue()
        part = ExternalPart("redis", lambda: calls.put_nowait(None), 1000.0, 20.0, pool)
        part.known = Known("first", Outcome())
        spec = spec_of(redis={"address": NOBODY})
        part.want("first", spec, {}, act=True)
        await asyncio.wait_for(calls.get(), 30)
        assert part.known == Known("first", Outcome()), "one failure is no news yet"
        assert 0 < part.want("first", spec, {}, act=True) < 5
        part._next = 0.0
        part.want("first", spec, {}, act=True)
        await asyncio.wait_for(calls.get(), 30)
        assert "127.0.0.1" in part.known.error
        await part.stop()


async def test_what_is_asked_for_anew_is_looked_at_at_once() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        calls: asyncio.Queue[None] = asyncio.Queue()
        part = ExternalPart("redis", lambda: calls.put_nowait(None), 1000.0, 20.0, pool)
        for about in ("first", "changed"):
            part.want(about, spec_of(redis={"address": NOBODY}), {}, act=True)
            await asyncio.wait_for(calls.get(), 30)
            assert part.known.about == about
        await part.stop()


async def test_a_server_that_others_found_dead_is_not_asked_again_and_its_error_is_told() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        told: list[None] = []
        part = ExternalPart("redis", lambda: told.append(None), 1000.0, 20.0, pool)
        part.breaker = _failed(THRESHOLD, asyncio.get_running_loop().time())
        part.breaker.error = "nobody answers"
        assert part.want("mine", spec_of(redis={"address": NOBODY}), {}, act=True) == OPEN_S
        assert (part.known.error, part.known.open, part.known.about) == ("nobody answers", True, "mine")
        part.want("mine", spec_of(redis={"address": NOBODY}), {}, act=True)
        assert len(told) == 1, "it is told once"
        await part.stop()


def test_the_one_attempt_that_is_let_through_holds_the_others_back() -> None:
    breaker = _failed(THRESHOLD, at=0.0)
    assert breaker.allows(OPEN_S)
    breaker.claim(OPEN_S)
    assert not breaker.allows(OPEN_S + 1)


async def test_one_asks_a_dead_server_again_and_the_others_hear_of_it() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        woken: list[str] = []
        breaker = _failed(THRESHOLD, asyncio.get_running_loop().time())
        spec = spec_of(redis={"address": NOBODY})
        parts = [
            ExternalPart("redis", partial(woken.append, name), 1000.0, 20.0, pool, breaker=breaker)
            for name in ("first", "second", "third")
        ]
        assert [part.want("mine", spec, {}, act=True) for part in parts] == [OPEN_S, 1000.0, 1000.0]
        woken.clear()
        breaker.succeeded()
        assert woken == ["second", "third"], "who asked knows it already"
        for part in parts:
            await part.stop()


async def test_when_the_one_that_asks_again_goes_another_takes_its_place() -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        woken: list[str] = []
        breaker = _failed(THRESHOLD, asyncio.get_running_loop().time())
        spec = spec_of(redis={"address": NOBODY})
        first = ExternalPart("redis", lambda: woken.append("first"), 1000.0, 20.0, pool, breaker=breaker)
        second = ExternalPart("redis", lambda: woken.append("second"), 1000.0, 20.0, pool, breaker=breaker)
        assert first.want("mine", spec, {}, act=True) == OPEN_S
        assert second.want("mine", spec, {}, act=True) == 1000.0
        woken.clear()
        await first.stop()
        assert woken == ["second"]
        assert second.want("mine", spec, {}, act=True) == OPEN_S
        await second.stop()

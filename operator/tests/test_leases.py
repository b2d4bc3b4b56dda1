"""One operator works at a time, and when it is gone another one soon does."""

import asyncio
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lease_server import LeaseServer, Line

from parley_operator.kube.leases import LeaderElection, LeaseTimes
from parley_operator.kube.port import KubernetesPort
from tests.jumping_loop import in_jumping_time

TIMES: Final = LeaseTimes(duration=15.0, renew_deadline=10.0, retry_period=2.0)
QUICK: Final = settings(max_examples=120, deadline=None)


def candidate(line: KubernetesPort, identity: str, times: LeaseTimes = TIMES) -> LeaderElection:
    return LeaderElection(line, "parley-system", "parley-operator", identity, times)


class Working:
    """Who works now; two at once are a fault."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.begun: list[tuple[float, str]] = []

    async def take_part(self, line: KubernetesPort, identity: str) -> None:
        """Work whenever it may, begin anew when it may not any more."""
        while True:
            election = candidate(line, identity)
            await election.acquire()
            self.now.add(identity)
            assert len(self.now) == 1, f"two work at once: {self.now}"
            self.begun.append((asyncio.get_running_loop().time(), identity))
            await election.hold(lambda: self.now.discard(identity))
            assert identity not in self.now
            await asyncio.sleep(0.5)


delays: Final = st.lists(
    st.tuples(st.sampled_from((0.0, 0.0, 0.1, 1.0, 9.0, 25.0)), st.sampled_from((0.0, 0.0, 0.1, 1.0, 9.0, 25.0))),
    min_size=1,
    max_size=8,
)
outages: Final = st.lists(
    st.tuples(st.floats(0, 150), st.floats(0, 40)).map(lambda each: (each[0], each[0] + each[1])), max_size=3
)


@QUICK
@given(slow=st.tuples(delays, delays), down=st.tuples(outages, outages))
def test_there_are_never_two_however_slow_or_broken_the_network_is(
    slow: tuple[list[tuple[float, float]], list[tuple[float, float]]],
    down: tuple[list[tuple[float, float]], list[tuple[float, float]]],
) -> None:
    async def work() -> None:
        server, working = LeaseServer(), Working()
        lines = [Line(server, slow[number], down[number]) for number in (0, 1)]
        tasks = [asyncio.create_task(working.take_part(line, f"op-{number}")) for number, line in enumerate(lines)]
        await asyncio.wait(tasks, timeout=250, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            assert not task.done(), task.exception()
            task.cancel()

    in_jumping_time(work())


@QUICK
@given(down=st.tuples(outages, outages))
def test_somebody_works_again_when_the_network_does(
    down: tuple[list[tuple[float, float]], list[tuple[float, float]]],
) -> None:
    async def work() -> None:
        server, working = LeaseServer(), Working()
        lines = [Line(server, down=down[number]) for number in (0, 1)]
        tasks = [asyncio.create_task(working.take_part(line, f"op-{number}")) for number, line in enumerate(lines)]
        await asyncio.sleep(190 + TIMES.duration + 2 * TIMES.retry_period + 1)
        assert len(working.now) == 1
        for task in tasks:
            task.cancel()

    in_jumping_time(work())


async def _time_until(election: LeaderElection) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await election.acquire()
    return loop.time() - begun


def test_who_dies_is_followed_when_the_lease_has_run_out() -> None:
    async def work() -> None:
        server = LeaseServer()
        first, second = candidate(Line(server), "first"), candidate(Line(server), "second")
        assert await _time_until(first) == 0.0
        waited = await _time_until(second)
        assert TIMES.duration < waited <= TIMES.duration + 2 * TIMES.retry_period
        assert server.spec["holderIdentity"] == "second"
        assert server.spec["leaseTransitions"] == 1

    in_jumping_time(work())


def test_who_releases_is_followed_at_the_next_look() -> None:
    async def work() -> None:
        server = LeaseServer()
        first, second = candidate(Line(server), "first"), candidate(Line(server), "second")
        await first.acquire()
        waiting = asyncio.create_task(_time_until(second))
        holding = asyncio.create_task(first.hold(lambda: pytest.fail("it was not lost")))
        await asyncio.sleep(7)
        holding.cancel()
        await first.release()
        assert server.spec["holderIdentity"] == ""
        assert await waiting <= 7 + TIMES.retry_period
        await first.release()
        assert server.spec["holderIdentity"] == "second", "who holds nothing releases nothing"

    in_jumping_time(work())


def test_a_holder_that_renews_keeps_the_lease_and_the_others_wait() -> None:
    async def work() -> None:
        server = LeaseServer()
        first, second = candidate(Line(server), "first"), candidate(Line(server), "second")
        await first.acquire()
        acquired = server.spec["acquireTime"]
        holding = asyncio.create_task(first.hold(lambda: pytest.fail("it was not lost")))
        waiting = asyncio.create_task(second.acquire())
        await asyncio.sleep(100)
        assert not waiting.done()
        assert first.renewed_at >= 100 - TIMES.retry_period
        assert set(server.holders) == {"first"}
        assert server.spec["acquireTime"] == acquired
        assert server.spec["leaseDurationSeconds"] == 15
        for task in (holding, waiting):
            task.cancel()

    in_jumping_time(work())


async def _lost_after(server: LeaseServer, line: Line, during: float = 100.0) -> float | None:
    """Seconds of holding until it is told that the lease is lost."""
    election, lost = candidate(line, "first"), asyncio.Event()
    await election.acquire()
    begun = asyncio.get_running_loop().time()
    holding = asyncio.create_task(election.hold(lost.set))
    await asyncio.wait([holding], timeout=during)
    assert holding.done() == lost.is_set()
    holding.cancel()
    assert server.lease is not None
    return asyncio.get_running_loop().time() - begun if lost.is_set() else None


@pytest.mark.parametrize(("down", "lost"), [((5.0, 11.0), False), ((5.0, 16.0), True), ((5.0, 99.0), True)])
def test_a_short_outage_is_borne_and_a_long_one_ends_the_work_in_time(down: tuple[float, float], lost: bool) -> None:  # noqa: FBT001
    async def work() -> None:
        server = LeaseServer()
        after = await _lost_after(server, Line(server, down=[down]))
        assert (after is not None) == lost
        if after is not None:
            assert after < down[0] + TIMES.duration

    in_jumping_time(work())


def test_an_answer_that_never_comes_ends_the_work_before_another_may_begin() -> None:
    async def work() -> None:
        server = LeaseServer()
        after = await _lost_after(server, Line(server, [(0, 0), (0, 0), (0, 1000)]))
        assert after is not None
        assert after <= TIMES.renew_deadline

    in_jumping_time(work())


def test_who_sees_another_in_his_place_stops_at_once() -> None:
    async def work() -> None:
        server, lost = LeaseServer(), asyncio.Event()
        first = candidate(Line(server), "first")
        await first.acquire()
        holding = asyncio.create_task(first.hold(lost.set))
        await asyncio.sleep(3)
        assert server.lease is not None
        taken = {**server.lease, "spec": {**server.spec, "holderIdentity": "thief"}}
        server.write(taken, server.lease["metadata"]["resourceVersion"])
        await asyncio.sleep(TIMES.retry_period)
        assert lost.is_set()
        assert holding.done()
        await first.release()
        assert server.spec["holderIdentity"] == "thief"

    in_jumping_time(work())


def test_an_answer_that_comes_too_late_is_no_leave_to_begin() -> None:
    async def work() -> None:
        server = LeaseServer()
        slow = candidate(Line(server, [(0, 0), (0, 12), (0, 0)]), "slow")
        await slow.acquire()
        now = asyncio.get_running_loop().time()
        assert now > 12
        assert now - slow.renewed_at < TIMES.renew_deadline

    in_jumping_time(work())


def test_who_comes_back_under_its_name_goes_on_at_once() -> None:
    async def work() -> None:
        server = LeaseServer()
        await candidate(Line(server), "first").acquire()
        assert await _time_until(candidate(Line(server), "first")) == 0.0
        assert server.spec["leaseTransitions"] == 0

    in_jumping_time(work())

"""More questions than chat can answer, through the port and the client of gateways; the store answers when let."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from prometheus_client import REGISTRY
from typing_extensions import override

from parley.adapters.connect import connect
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.profiles import Profile, ProfileReader
from parley.protocol.calls import Asked, Call, Reply
from parley.protocol.client_frames import Resume, Watch
from parley.protocol.server_frames import ErrorFrame, PresenceUpdate, Resumed
from parley.roles.chat import turnstile
from parley.roles.chat.main import build_service
from parley.roles.chat.pressure import Pressure
from parley.roles.chat.turnstile import Turnstile, Turnstiles
from parley.runtime.settings import load_settings
from tests.roles.chat.http.internal_serving import gateway, internal_port
from tests.roles.gateway.running import EMBEDDED, eventually

PLACES = 4
PATIENCE_S = 600.0
"""Nothing here is to depend on how quick this machine is."""


class SlowStore(ProfileReader):
    """Remembers how much work was begun, and what is under way."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.begun = 0
        self.at_work = 0

    @override
    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        self.begun += 1
        self.at_work += 1
        try:
            await self.answers.wait()
        finally:
            self.at_work -= 1
        return {}


@dataclass
class World:
    url: str
    store: SlowStore
    stack: AsyncExitStack

    async def ask(self, asked: Asked | None = None) -> "asyncio.Task[list[Reply]]":
        """One question over a connection of its own."""
        chat = await self.stack.enter_async_context(gateway(self.url, timeout_s=PATIENCE_S))
        call = Call("ann", "phone", asked or Watch("w", ("bob",)))
        return asyncio.create_task(chat.call([call]))

    async def begun(self, count: int) -> None:
        async def reached() -> bool:
            return self.store.begun == count

        await eventually(reached)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with serving_slowly() as ready:
        yield ready


@asynccontextmanager
async def serving_slowly() -> AsyncIterator[World]:
    settings = load_settings(**EMBEDDED, questions_at_once=PLACES)
    backends, store = await connect(settings), SlowStore()
    service = build_service(replace(backends, profiles=store), settings, Pressure(backends.log))  # type: ignore[arg-type]  # only asked
    service.turnstiles = Turnstiles(PLACES, PATIENCE_S)
    async with internal_port(service) as url, AsyncExitStack() as stack:
        try:
            yield World(url, store, stack)
        finally:
            store.answers.set()
    await backends.close()


async def eventually_waiting(count: int) -> None:
    async def waiting() -> bool:
        return REGISTRY.get_sample_value("parley_queue_depth", {"queue": "questions"}) == count

    await eventually(waiting)


def late() -> float:
    """Questions for which nobody waited any more when their turn came."""
    return REGISTRY.get_sample_value("parley_calls_dropped_total", {"reason": "late"}) or 0.0


async def give_up(tasks: Sequence["asyncio.Task[list[Reply]]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_g8_of_those_who_gave_up_nothing_is_worked_on_and_who_still_waits_is_answered(world: World) -> None:
    first = [await world.ask() for _ in range(PLACES)]
    await world.begun(PLACES)
    waiting = [await world.ask() for _ in range(PLACES)]
    await eventually_waiting(PLACES)
    dropped = late()
    await give_up(waiting[1:])

    async def noticed() -> bool:
        return late() == dropped + PLACES - 1

    await eventually(noticed)
    await give_up(first)
    await world.begun(PLACES + 1)
    world.store.answers.set()
    (reply,) = await waiting[0]
    assert isinstance(reply.frame, PresenceUpdate)
    assert world.store.begun == PLACES + 1


async def test_g8_beyond_the_limit_questions_are_refused_at_once_with_a_time_to_wait(world: World) -> None:
    asked = [await world.ask() for _ in range(5 * PLACES)]
    await world.begun(PLACES)
    refused: list[ErrorFrame] = []
    for done in asyncio.as_completed(asked):
        (reply,) = await done
        assert isinstance(reply.frame, ErrorFrame)
        refused.append(reply.frame)
        if len(refused) == 3 * PLACES:
            break
    assert {(frame.code, frame.after_ms) for frame in refused} == {("overloaded", turnstile.AFTER_MS)}
    assert world.store.begun == PLACES
    world.store.answers.set()
    answers = [(await task)[0].frame for task in asked]
    assert sum(isinstance(frame, PresenceUpdate) for frame in answers) == 2 * PLACES


async def test_g6_those_who_come_back_have_turns_of_their_own(world: World) -> None:
    for _ in range(2 * PLACES):
        await world.ask()
    await eventually_waiting(PLACES)
    (reply,) = await (await world.ask(Resume("hello", {})))
    assert isinstance(reply.frame, Resumed)


async def test_who_waits_too_long_for_a_turn_is_told_to_come_later() -> None:
    gate = Turnstile("test", 1, patience_s=0.0)
    async with gate.turn():
        with pytest.raises(ParleyError) as refused:
            async with gate.turn():
                pass
    assert (refused.value.code, refused.value.after_ms) == (ErrorCode.OVERLOADED, turnstile.AFTER_MS)
    async with gate.turn():
        pass


async def test_a_turn_that_comes_to_somebody_who_gives_up_at_that_moment_goes_to_the_next() -> None:
    gate, entered = Turnstile("test", 2), asyncio.Event()

    async def enter() -> None:
        async with gate.turn():
            entered.set()

    async with gate.turn():
        async with gate.turn():
            leaving, staying = asyncio.create_task(enter()), asyncio.create_task(enter())
            await asyncio.sleep(0)
        leaving.cancel()
        await staying
        assert entered.is_set()
        assert leaving.cancelled()

"""People who write to each other all the time while something happens; afterwards the checker judges all of it."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from e2e.checker.check import Report, check
from e2e.tests.operator.crowd import token
from parley.client import ParleyClient
from parley.client.events import MessageEvent, PresenceEvent, State, StateEvent
from tests.faults.load import Crowd, History, Person

PATIENCE_S = 300.0
STEADY_S = 0.2
BACK_WITHIN_S = 30.0
"""What is promised to every client whose connection ends for a planned or unplanned reason."""


@dataclass
class People:
    """A few people on one platform; use it as an asynchronous context manager around what is done to the platform.

    When it ends everybody has read everything again. `report` is the checker's word, `away_s` how long each was without
    a connection at most and `why` what happened meanwhile, `flaps` who was shown offline although nobody left.
    """

    url: str
    key: str
    name: str
    count: int = 5
    history: History = field(default_factory=History)
    report: Report = field(default_factory=Report)
    away_s: dict[str, float] = field(default_factory=dict)
    why: dict[str, list[str]] = field(default_factory=dict)
    flaps: list[str] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _writing: list[asyncio.Task[None]] = field(default_factory=list)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        names = [f"{self.name}-{number}" for number in range(self.count)]
        people = [Person(name, self.url, self._token_of, self.history) for name in names]
        self._crowd = Crowd(people, self.history, steady_s=STEADY_S)
        self._watcher = ParleyClient(self.url, token(self.key, f"{self.name}-watcher"), device="watch")
        async with asyncio.timeout(PATIENCE_S):
            for client in (*(person.client for person in people), self._watcher):
                await client.__aenter__()
            await self._crowd.meet()
            shown = await self._watcher.watch(*names)
            while not all(presence.online for presence in shown.values()):
                await asyncio.sleep(0.2)
                shown = await self._watcher.watch(*names)
        self._tasks = [asyncio.create_task(self._listen(person)) for person in people]
        self._tasks.append(asyncio.create_task(self._note_flaps()))
        chance = random.Random(self.name)
        self._writing = [asyncio.create_task(self._crowd.chat_until(self._over, person, chance)) for person in people]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        try:
            if error is None:
                await self._judge()
        finally:
            for task in (*self._writing, *self._tasks):
                task.cancel()
            await asyncio.gather(*self._writing, *self._tasks, return_exceptions=True)
            for client in (*(person.client for person in self._crowd.people), self._watcher):
                await client.__aexit__(None, None, None)

    async def acknowledged(self, more: int) -> None:
        """Wait until so many more messages are acknowledged: the platform takes messages now."""
        await self._crowd.acknowledged(more)

    def check(self) -> None:
        """Nothing acknowledged was lost, doubled, or seen in another order, and everybody was back in time."""
        assert not self.report.violations, self.report.violations[:5]
        assert self.history.acknowledged > self.count, "people wrote while it happened"
        late = {name: (seconds, self.why[name]) for name, seconds in self.away_s.items() if seconds > BACK_WITHIN_S}
        assert not late, f"not back within {BACK_WITHIN_S:g} s: {late}"

    async def _judge(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self._writing)
        await self._crowd.settle()
        for person in self._crowd.people:
            await person.read_everything()
        self.report = check(self.history.events)
        print(f"{self.name}: {self.report.summary()}; longest away {max(self.away_s.values(), default=0.0):.1f} s")

    async def _listen(self, person: Person) -> None:
        """Note what a person is given, and how long the connection was away."""
        gone, steps = 0.0, list[str]()
        async for event in person.client.events():
            if isinstance(event, MessageEvent):
                person.note(event)
            elif isinstance(event, StateEvent) and event.state is not State.ONLINE:
                gone = gone or time.monotonic()
                steps.append(f"{time.monotonic() - gone:.1f} s: {event.state} {event.reason}".rstrip())
            elif isinstance(event, StateEvent) and gone:
                if (away := time.monotonic() - gone) > self.away_s.get(person.name, 0.0):
                    self.away_s[person.name], self.why[person.name] = away, steps
                gone, steps = 0.0, []

    async def _note_flaps(self) -> None:
        async for event in self._watcher.events():
            if isinstance(event, PresenceEvent):
                self.flaps += [name for name, presence in event.users.items() if not presence.online]

    async def _token_of(self, name: str) -> str:
        return token(self.key, name)

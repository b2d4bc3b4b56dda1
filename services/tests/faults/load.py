"""People who chat while the platform is killed: pairs and a group, through the SDK, writing a history as they go."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from e2e.checker.history import Acknowledged, AnyEvent, Failed, Paged, Received, Sent

from parley.client import ParleyClient, ParleyError
from parley.client.events import MessageEvent
from tests.patience import until

IN_FLIGHT = 40
TokenOf = Callable[[str], Awaitable[str]]


@dataclass
class History:
    """Events in the order in which they happened here."""

    events: list[AnyEvent] = field(default_factory=list)
    acknowledged: int = 0

    def add(self, event: AnyEvent) -> None:
        """Note an event."""
        self.events.append(event)
        self.acknowledged += isinstance(event, Acknowledged)


@dataclass
class Person:
    """One user with one device, which stays connected through every restart."""

    name: str
    url: str
    token_of: TokenOf
    history: History
    client: ParleyClient = field(init=False)
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = ParleyClient(self.url, self._token, device=f"{self.name}-1", start="beginning")

    async def listen(self) -> None:
        """Note every entry that the application is given."""
        async for message in self.client.messages():
            self.note(message)

    async def say(self, key: str, text: str, *, to: str | None = None, conversation: str | None = None) -> None:
        """Send one message, and note what became of it."""
        self.history.add(Sent(self.name, key))
        sent = await self.client.send(text, to=to, conversation=conversation, client_msg_id=key)
        try:
            ack = await sent
            self.history.add(Acknowledged(self.name, key, ack.conversation))
            await sent.sequenced()
        except ParleyError:
            self.history.add(Failed(self.name, key))

    async def read_everything(self) -> None:
        """Page through every conversation at the end."""
        for name in sorted(self.seen):
            async for entry in self.client.history(name):
                self.history.add(Paged(self.name, name, entry.seq, entry.sender, entry.client_msg_id))

    async def caught_up(self, conversation: str) -> None:
        """Wait until this person was given all of a conversation that the store shows him."""
        visible = (await self.client.describe(conversation)).visible
        what = f"{self.name} was given all {visible} entries of {conversation}"
        await until(what, lambda: self.seen[conversation] >= visible, lambda: self.seen[conversation])

    async def _token(self) -> str:
        return await self.token_of(self.name)

    def note(self, message: MessageEvent) -> None:
        """Note an entry that the application is given."""
        entry = message.entry
        self.seen[message.conversation] = entry.seq
        observer = f"{self.name}/1"
        self.history.add(
            Received(observer, self.name, message.conversation, entry.seq, entry.sender, entry.client_msg_id)
        )


@dataclass
class Crowd:
    """Everybody, connected; every person writes to the next one, and to the group they share.

    `steady_s` is how long somebody who writes steadily waits between two messages, on average.
    """

    people: list[Person]
    history: History
    group: str = ""
    steady_s: float = 0.1

    async def meet(self) -> None:
        """Open the group."""
        founder = self.people[0]
        created = await founder.client.create_group("Everybody", tuple(p.name for p in self.people[1:]))
        self.history.add(Sent(founder.name, created.client_msg_id))
        self.group = (await created).conversation

    async def chat(self, person: Person, messages: int, chance: random.Random) -> None:
        """Write so many messages, at most a few of them under way, a tenth of them to the group."""
        room = asyncio.Semaphore(IN_FLIGHT)
        others = [other.name for other in self.people if other is not person]

        async def one(number: int) -> None:
            key = f"{person.name}-{number}"
            if chance.random() < 0.1:
                await person.say(key, f"to all {number}", conversation=self.group)
            else:
                await person.say(key, f"message {number}", to=others[number % 2])
            room.release()

        async with asyncio.TaskGroup() as tasks:
            for number in range(messages):
                await room.acquire()
                tasks.create_task(one(number))

    async def chat_until(self, over: asyncio.Event, person: Person, chance: random.Random) -> None:
        """Write steadily until it is over, a tenth of it to the group; wait until everything has its place."""
        others = [other.name for other in self.people if other is not person]
        number = 0
        async with asyncio.TaskGroup() as tasks:
            while not over.is_set():
                number += 1
                key, text = f"{person.name}-{number}", f"message {number}"
                if chance.random() < 0.1:
                    tasks.create_task(person.say(key, text, conversation=self.group))
                else:
                    tasks.create_task(person.say(key, text, to=others[number % 2]))
                await asyncio.sleep(chance.uniform(0.0, 2 * self.steady_s))

    async def acknowledged(self, more: int) -> None:
        """Wait until so many more messages are acknowledged: the platform takes messages now."""
        wanted = self.history.acknowledged + more
        what = f"{wanted} messages are acknowledged"
        await until(what, lambda: self.history.acknowledged >= wanted, lambda: self.history.acknowledged)

    @property
    def conversations(self) -> frozenset[str]:
        """Every conversation that somebody has seen."""
        return frozenset(name for person in self.people for name in person.seen)

    async def settle(self) -> None:
        """Wait until everybody was given what the store has."""
        for person in self.people:
            for name in sorted(person.seen):
                await person.caught_up(name)

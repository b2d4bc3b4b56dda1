"""Two people who chat the whole time while somebody else misbehaves; nothing of theirs may suffer (promise G6)."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from e2e.checker.check import check

from tests.faults.load import Crowd, History, Person
from tests.patience import STILL_S
from tests.platform import Platform


@dataclass
class Chatting:
    """How far the two have got."""

    history: History

    async def some_more(self, messages: int = 20) -> None:
        """Wait until so many further messages were acknowledged: the platform serves others meanwhile."""
        wanted = self.history.acknowledged + messages
        async with asyncio.timeout(STILL_S):
            while self.history.acknowledged < wanted:  # noqa: ASYNC110 - the two make the progress
                await asyncio.sleep(0.01)


@asynccontextmanager
async def healthy_pair(platform: Platform) -> AsyncIterator[Chatting]:
    """Let two people chat; at the end they have lost, doubled and swapped nothing."""
    history = History()

    async def token_of(user: str) -> str:
        return platform.token(user)

    suffix = secrets.token_hex(4)
    names = (f"healthy-one-{suffix}", f"healthy-two-{suffix}")
    pair = [Person(name, platform.url, token_of, history) for name in names]
    async with contextlib.AsyncExitStack() as stack:
        for person in pair:
            await stack.enter_async_context(person.client)
        working = [asyncio.create_task(person.listen()) for person in pair]
        working.append(asyncio.create_task(_talk(pair)))
        chatting = Chatting(history)
        await chatting.some_more()
        try:
            yield chatting
            await chatting.some_more()
        finally:
            working[-1].cancel()
            await asyncio.gather(working[-1], return_exceptions=True)
        await Crowd(pair, history).settle()
        for person in pair:
            await person.read_everything()
        for task in working:
            task.cancel()
    assert check(history.events).violations == []


async def _talk(pair: list[Person]) -> None:
    number = 0
    while True:
        speaker, listener = pair[number % 2], pair[(number + 1) % 2]
        await asyncio.shield(speaker.say(f"{speaker.name}-{number}", f"message {number}", to=listener.name))
        number += 1
        await asyncio.sleep(0.01)

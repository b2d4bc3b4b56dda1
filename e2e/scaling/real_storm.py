"""A real reconnect storm: clients of the SDK lose their gateway, and it is noted when each is online again."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from e2e.scaling.real_platform import Idle, RealPlatform, others
from parley.client.events import State, StateEvent
from parley.client.parley_client import ParleyClient

_PATIENCE_S = 120.0
_SETTLE_S = 3.0
_AT_ONCE = 20


@dataclass
class Person:
    """A client, and when it was last online again."""

    client: ParleyClient
    back_at: float = 0.0

    async def watch(self) -> None:
        """Note every return."""
        async for event in self.client.events():
            if isinstance(event, StateEvent) and event.state is State.ONLINE:
                self.back_at = time.perf_counter()


@dataclass
class Seen:
    """When those who lost their gateway were back, in seconds, and what that cost each role, in seconds of CPU each.

    `others` is the share of the machine that work beside it used.
    """

    back_at: list[float] = field(default_factory=list)
    costs: dict[str, float] = field(default_factory=dict)
    others: float = 0.0


class Crowd:
    """People who are connected, and have some conversations with each other."""

    def __init__(self, real: RealPlatform, idle: Idle) -> None:
        """Connect nobody yet."""
        self._real = real
        self._idle = idle
        self._stack = AsyncExitStack()
        self._people: list[Person] = []
        self._watching: list[asyncio.Task[None]] = []

    async def gather(self, count: int, conversations: int) -> None:
        """Connect so many; each opens as many conversations with those after him."""
        names = [f"crowd-{number}" for number in range(count)]
        for first in range(0, count, _AT_ONCE):
            clients = [
                ParleyClient(self._real.url, self._real.token(name), "check")
                for name in names[first : first + _AT_ONCE]
            ]
            self._people += [Person(each) for each in clients]
            await asyncio.gather(*(self._stack.enter_async_context(each) for each in clients))
        self._watching = [asyncio.create_task(each.watch()) for each in self._people]
        for step in range(1, conversations + 1):
            for first in range(0, count, _AT_ONCE):
                some = range(first, min(first + _AT_ONCE, count))
                await asyncio.gather(*(self._say_hello(number, names[(number + step) % count]) for number in some))
        await asyncio.sleep(_SETTLE_S)

    async def _say_hello(self, number: int, to: str) -> None:
        await (await self._people[number].client.send("hello", to=to))

    async def leave(self) -> None:
        """Disconnect everybody."""
        for task in self._watching:
            task.cancel()
        await self._stack.aclose()

    async def lose(self, number: int, *, drain: bool = False) -> Seen:
        """Kill that gateway, or let it drain, and wait until everybody who was there is online elsewhere."""
        gateway, before = self._real.gateway(number), self._real.look()
        begun = before.at
        if drain:
            stopping = asyncio.get_running_loop().run_in_executor(None, gateway.stop)
        else:
            gateway.kill()
        await self._returned(begun, drain_s=11.0 if drain else 0.0)
        if drain:
            await stopping
        back = sorted(each.back_at - begun for each in self._people if each.back_at > begun)
        # The killed gateway's own CPU time is gone with it, and so no part of the costs.
        after = self._real.look()
        used = self._idle.beside(before, after)
        return Seen(back, {role: cpu / max(1, len(back)) for role, cpu in used.items()}, others(before, after))

    async def _returned(self, begun: float, drain_s: float) -> None:
        """Wait until everybody is online, and nobody has come back for a moment."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                await asyncio.sleep(0.2)
                newest = max((each.back_at for each in self._people), default=0.0)
                now = time.perf_counter()
                quiet = now - max(newest, begun + drain_s) > 1.0
                if quiet and all(each.client.state is State.ONLINE for each in self._people):
                    return


def quantiles(back_at: Sequence[float]) -> dict[str, float]:
    """When half, nine tenths and all of them were back."""
    ordered = sorted(back_at)
    return {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3)
        for name, share in (("p50", 0.5), ("p90", 0.9), ("all", 1.0))
    }

"""A real hot group: everybody is online on lean sockets, one of them never stops, and every delivery is timed."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from e2e.bench.drivers.lean_socket import LeanSocket
from e2e.scaling.real_platform import Idle, RealPlatform, others
from parley.client.parley_client import ParleyClient
from parley.domain.content import Content
from parley.protocol.client_frames import Received, Send
from parley.protocol.server_frames import AnyServerFrame, Message

_CONFIRM_EVERY: Final = 32
_PER_CHANGE: Final = 99
_QUIET_S: Final = 60.0
_TEXT: Final = Content("The quick brown fox jumps over the lazy dog, and nobody minds at all.")


@dataclass
class Paced:
    """What a steady pace gave: seconds from due to each delivery, to the last of each message, and CPU a message."""

    latencies: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    costs: dict[str, float] = field(default_factory=dict)
    others: float = 0.0


class HotGroup:
    """Members and the sender; what they hear is counted by the message's key."""

    def __init__(self, real: RealPlatform, idle: Idle, name: str) -> None:
        """Nobody is connected yet."""
        self._name = name
        self._real = real
        self._idle = idle
        self._sockets: list[LeanSocket] = []
        self._group = ""
        self._due: dict[str, float] = {}
        self._heard: dict[str, int] = {}
        self._paced = Paced()
        self._run = 0
        self._expected = 0
        self._everything = asyncio.Event()

    async def open(self, members: int) -> None:
        """Make the group, and connect everybody."""
        names = [f"{self._name}-member-{number}" for number in range(members)]
        async with ParleyClient(self._real.url, self._real.token(names[0]), "maker", listen=False) as owner:
            made = await owner.create_group(self._name, tuple(names[1 : 1 + _PER_CHANGE]))
            self._group = (await made).conversation
            for first in range(1 + _PER_CHANGE, members, _PER_CHANGE):
                await (await owner.add_members(self._group, *names[first : first + _PER_CHANGE]))
        for name in names:
            self._sockets.append(await self._member(name))

    def close(self) -> None:
        """Disconnect everybody."""
        for socket in self._sockets:
            socket.close()

    async def pace(self, per_second: float, seconds: float) -> Paced:
        """Send at this pace, and wait until everybody has everything."""
        self._run, self._paced = self._run + 1, Paced()
        self._expected, self._everything = int(per_second * seconds), asyncio.Event()
        before = self._real.look()
        begun = before.at
        for number in range(self._expected):
            due, key = begun + number / per_second, f"{self._name}-{self._run}-{number}"
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._due[key] = due
            self._sockets[0].say(Send(key, key, content=_TEXT, conversation=self._group))
        async with asyncio.timeout(_QUIET_S):
            await self._everything.wait()
        after = self._real.look()
        used = self._idle.beside(before, after)
        self._paced.others = others(before, after)
        self._paced.costs = {role: cpu / self._expected for role, cpu in used.items()}
        return self._paced

    async def _member(self, name: str) -> LeanSocket:
        mine: list[LeanSocket] = []

        def hear(frame: AnyServerFrame) -> None:
            if isinstance(frame, Message) and frame.conversation == self._group:
                self._deliver(frame.entry.client_msg_id)
                if frame.entry.seq % _CONFIRM_EVERY == 0 and mine:
                    mine[0].say(Received({self._group: frame.entry.seq}))

        mine.append(await LeanSocket.open(self._real.address, self._real.token(name), hear))
        return mine[0]

    def _deliver(self, key: str) -> None:
        due = self._due.get(key)
        if due is None:
            return
        took = time.perf_counter() - due
        self._paced.latencies.append(took)
        heard = self._heard[key] = self._heard.get(key, 0) + 1
        if heard == len(self._sockets):
            self._paced.last.append(took)
            del self._due[key]
            if len(self._paced.last) == self._expected:
                self._everything.set()

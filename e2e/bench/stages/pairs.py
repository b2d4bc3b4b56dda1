"""Pairs of people who chat through the platform's one port: so many a second, or as fast as it goes."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from e2e.bench.drivers.lean_socket import LeanSocket
from e2e.bench.stages.measure import Measured, cpu_of
from parley.domain.content import Content
from parley.domain.identity import direct_conversation_id
from parley.protocol.client_frames import Received, Send
from parley.protocol.server_frames import Ack, AnyServerFrame, ErrorFrame, Message

TEXT: Final = Content("The quick brown fox jumps over the lazy dog, and nobody minds at all.")
_CONFIRM_EVERY: Final = 16
_QUIET_S: Final = 30.0


class Pair:
    """One sends, the other one receives; both are connected."""

    def __init__(self, number: int, load: "Load") -> None:
        self._load = load
        self._number = number
        self._place = direct_conversation_id(f"bench-a{number}", f"bench-b{number}")
        self._sent_at: dict[str, float] = {}
        self._count = 0
        self._newest = 0
        self._confirmed = [0, 0]
        self._sockets: list[LeanSocket] = []

    async def open(self, address: tuple[str, int], token_of: Callable[[str], str]) -> None:
        """Connect both."""
        for side, hear in (("a", self._hear_own), ("b", self._hear_other)):
            self._sockets.append(await LeanSocket.open(address, token_of(f"bench-{side}{self._number}"), hear))

    def close(self) -> None:
        """Disconnect both."""
        for socket in self._sockets:
            socket.close()

    def send(self, due: float) -> None:
        """Send one message that was due at this moment, so that a sender who is late does not make the times better."""
        self._count += 1
        key = f"{self._load.run}-{self._count}"
        self._sent_at[key] = due
        self._sockets[0].say(Send(key, key, content=TEXT, to=f"bench-b{self._number}"))

    def _hear_own(self, frame: AnyServerFrame) -> None:
        if isinstance(frame, Ack):
            self._load.acknowledged(self._sent_at.get(frame.client_msg_id))
        elif isinstance(frame, Message):
            self._confirm(0, frame.entry.seq)
        elif isinstance(frame, ErrorFrame):
            self._load.refused(frame)

    def _hear_other(self, frame: AnyServerFrame) -> None:
        if not isinstance(frame, Message):
            return
        seq = frame.entry.seq
        in_order, self._newest = seq == self._newest + 1 or self._newest == 0, seq
        self._confirm(1, seq)
        self._load.delivered(self, self._sent_at.pop(frame.entry.client_msg_id, None), in_order=in_order)

    def _confirm(self, side: int, seq: int) -> None:
        if seq - self._confirmed[side] >= _CONFIRM_EVERY:
            self._confirmed[side] = seq
            self._sockets[side].say(Received({self._place: seq}))


class Load:
    """All pairs, and what they saw since the last reset."""

    def __init__(self, count: int) -> None:
        self.run = 0
        self._pairs = [Pair(number, self) for number in range(count)]
        self._measured = Measured("", 0, 1.0)
        self._flooding = False
        self._under_way = 0
        self._refusal: str | None = None

    async def open(self, address: tuple[str, int], token_of: Callable[[str], str]) -> None:
        """Connect everybody."""
        for pair in self._pairs:
            await pair.open(address, token_of)

    def close(self) -> None:
        """Disconnect everybody."""
        for pair in self._pairs:
            pair.close()

    async def paced(self, name: str, rate: float, seconds: float, pids: Mapping[str, int]) -> Measured:
        """Send at a steady rate; the latencies count from when each message was due."""
        begin, before = self._reset(name), cpu_of(pids)
        for number in range(int(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self._under_way += 1
            self._pairs[number % len(self._pairs)].send(due)
        await self._drain()
        return self._result(begin, before, pids)

    async def flood(self, name: str, each: int, seconds: float, pids: Mapping[str, int]) -> Measured:
        """Keep `each` messages of every pair under way; what is delivered makes room for the next one."""
        begin, self._flooding = self._reset(name), True
        before = cpu_of(pids)
        for pair in self._pairs * each:
            self._under_way += 1
            pair.send(time.perf_counter())
        await asyncio.sleep(seconds)
        self._flooding = False
        result = self._result(begin, before, pids)
        await self._drain()
        return result

    def acknowledged(self, sent_at: float | None) -> None:
        """A message is durable."""
        if sent_at is not None:
            self._measured.acknowledged.append(time.perf_counter() - sent_at)

    def delivered(self, pair: Pair, sent_at: float | None, *, in_order: bool) -> None:
        """A message arrived."""
        self._under_way -= 1
        measured = self._measured
        measured.out_of_order += not in_order
        if sent_at is not None:
            measured.messages += 1
            measured.delivered.append(time.perf_counter() - sent_at)
        if self._flooding:
            self._under_way += 1
            pair.send(time.perf_counter())

    def refused(self, frame: ErrorFrame) -> None:
        """A benchmark of refusals would measure something else."""
        self._refusal = f"a message was refused: {frame.code}: {frame.message}"

    def _reset(self, name: str) -> float:
        self.run += 1
        self._measured, self._under_way = Measured(name, 0, 1.0), 0
        return time.perf_counter()

    def _result(self, begin: float, before: Mapping[str, float], pids: Mapping[str, int]) -> Measured:
        cpu = {name: used - before[name] for name, used in cpu_of(pids).items()}
        held = self._measured
        taken = list(held.acknowledged), list(held.delivered)
        seconds = time.perf_counter() - begin
        return Measured(held.name, held.messages, seconds, cpu, *taken, held.out_of_order)

    async def _drain(self) -> None:
        async with asyncio.timeout(_QUIET_S):
            while self._under_way:
                if self._refusal is not None:
                    raise RuntimeError(self._refusal)
                await asyncio.sleep(0.02)

"""Sends the messages of a phase: at fixed times whatever the server does, or as fast as it delivers."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from e2e.bench.contract import Client, Place
from e2e.bench.generator.keys import key_of, stream_of
from e2e.bench.generator.tally import Tally

TEXT: Final = "The quick brown fox jumps over the lazy dog, and nobody minds at all."
_NANOSECONDS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Stream:
    """What `user` sends to a place; `index` tells his places apart."""

    user: str
    place: Place
    index: int = 0

    @property
    def name(self) -> str:
        """As keys have it."""
        return stream_of(self.user, self.index)


@dataclass(frozen=True, slots=True)
class Pace:
    """An open loop: message n is due n / rate seconds after `begin`, in nanoseconds of the shared clock."""

    begin: int
    rate: float
    seconds: float

    def due(self) -> list[int]:
        """When each message is due."""
        return [self.begin + int(n * _NANOSECONDS / self.rate) for n in range(round(self.rate * self.seconds))]


class Senders:
    """Sends for the users whom this process connected."""

    def __init__(self, phase: str, tally: Tally, clients: Mapping[str, Client], padding: int = 0) -> None:
        """`padding` bytes make the text longer."""
        self._phase, self._tally, self._clients = phase, tally, clients
        self._text = TEXT + " " + "x" * padding if padding else TEXT
        self.late = 0.0
        """The most seconds that the generator itself was behind; it counts as the server's time."""

    def send(self, stream: Stream, due: int) -> None:
        """Send one message that was due at this moment; a client that is gone leaves it unsent."""
        client = self._clients.get(stream.user)
        if client is not None:
            key = key_of(self._phase, stream.name, self._tally.sends(stream.name, stream.place), due)
            client.send(stream.place, f"{key} {self._text}")

    async def paced(self, streams: Sequence[Stream], pace: Pace) -> None:
        """Send at the pace, late ones at once, without ever waiting for the server."""
        for number, due in enumerate(pace.due()):
            ahead = (due - time.perf_counter_ns()) / _NANOSECONDS
            if ahead > 0:
                await asyncio.sleep(ahead)
            elif number % 64 == 0:
                await asyncio.sleep(0)  # a generator that is behind must still read
            self.late = max(self.late, -ahead)
            self.send(streams[number % len(streams)], due)

    async def flood(self, streams: Sequence[Stream], under_way: int, seconds: float) -> None:
        """Keep so many messages of each stream under way: each delivery makes room for the next message."""
        by_name = {stream.name: stream for stream in streams}

        def follow(name: str) -> None:
            if (stream := by_name.get(name)) is not None:
                self.send(stream, time.perf_counter_ns())

        self._tally.each_delivery = follow
        for _ in range(under_way):
            for stream in streams:
                self.send(stream, time.perf_counter_ns())
        await asyncio.sleep(seconds)
        self._tally.each_delivery = None

"""Many people on one platform, who do what clients are asked to and note when and how each connection ended."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from parley.adapters.jwt.mint import mint_token
from parley.client import ParleyClient
from parley.contract import SOCKET_PATH, SUBPROTOCOL_JSON
from tests.patience import STILL_S, until

ARRIVALS_AT_ONCE = 50
RETRY_S = 0.3


def token(key: str, user: str) -> str:
    """A token for an hour."""
    return mint_token(key, user, expires_at_s=int(time.time()) + 3600)


@dataclass
class Crowd:
    """So many people, each with one socket; use it as an asynchronous context manager.

    `asked` are the moments at which somebody was asked to leave, `cut` the connections that ended without being asked,
    `refused` counts those that were not let in, and came again.
    """

    url: str
    key: str
    count: int
    name: str = "person"
    asked: list[float] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    connected: int = 0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _leaving: bool = False

    async def __aenter__(self) -> Self:
        arrivals = asyncio.Semaphore(ARRIVALS_AT_ONCE)
        self._tasks = [asyncio.create_task(self._person(number, arrivals)) for number in range(self.count)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_all(self) -> None:
        """Wait until everybody is connected, as long as people come."""
        await until("everybody is connected", lambda: self.connected >= self.count, lambda: self.connected)

    async def _person(self, number: int, arrivals: asyncio.Semaphore) -> None:
        while True:
            try:
                async with arrivals:
                    socket = await self._arrive(number)
                self.connected += 1
                try:
                    await self._listen(socket)
                finally:
                    self.connected -= 1
                    with contextlib.suppress(Exception):
                        await socket.close()
            except (OSError, WebSocketException, TimeoutError) as error:
                self.refused[str(error)] += 1
                await asyncio.sleep(RETRY_S)

    async def _arrive(self, number: int) -> ClientConnection:
        address = self.url.replace("http", "ws", 1) + SOCKET_PATH
        socket = await connect(address, subprotocols=[Subprotocol(SUBPROTOCOL_JSON)], compression=None, open_timeout=20)
        hello = {"type": "hello", "token": token(self.key, f"{self.name}{number}"), "device": "crowd"}
        await socket.send(json.dumps(hello))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 20))
        if answer["type"] != "welcome":
            await socket.close()
            raise ConnectionError(f"not let in: {answer.get('message', answer)}")
        return socket

    async def _listen(self, socket: ClientConnection) -> None:
        """Until it is asked to leave, which it does at once, or its connection ends by itself."""
        try:
            while True:
                frame = json.loads(await socket.recv())
                if frame["type"] == "goaway":
                    self.asked.append(time.monotonic())
                    return
        except ConnectionClosed as closed:
            if not self._leaving:
                self.cut.append(str(closed))


def busiest(moments: list[float], window_s: float) -> int:
    """Most moments within any window of this length."""
    ordered = sorted(moments)
    return max((sum(1 for other in ordered if 0 <= other - first < window_s) for first in ordered), default=0)


@dataclass
class Conversation:
    """Two people who talk all the time; afterwards everything acknowledged must have arrived, once and in order."""

    url: str
    key: str
    name: str
    acknowledged: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self._ann = await ParleyClient(self.url, token(self.key, f"{self.name}-ann"), listen=False).__aenter__()
        self._bob = await ParleyClient(self.url, token(self.key, f"{self.name}-bob")).__aenter__()
        self._tasks = [asyncio.create_task(self._talk()), asyncio.create_task(self._hear())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for person in (self._ann, self._bob):
            await person.__aexit__(None, None, None)

    async def settled(self) -> None:
        """Say no more, and wait until everything acknowledged has arrived."""
        self._stop.set()
        async with asyncio.timeout(STILL_S):
            await self._tasks[0]
        await until(
            "everything has arrived",
            lambda: len(self.received) >= len(self.acknowledged),
            lambda: (len(self.received), len(self.acknowledged)),
        )

    async def _talk(self) -> None:
        number = 0
        while not self._stop.is_set():
            text = f"{self.name} {number}"
            sent = await self._ann.send(text, to=f"{self.name}-bob")
            await sent.sequenced()
            self.acknowledged.append(text)
            number += 1
            await asyncio.sleep(0.1)

    async def _hear(self) -> None:
        async for message in self._bob.messages():
            if message.entry.content is not None:
                self.received.append(message.entry.content.text)

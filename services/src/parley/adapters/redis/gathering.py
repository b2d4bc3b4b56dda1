"""Questions that come while an answer is under way are asked together: a storm becomes few round trips."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gathering(Generic[Asked, Answer]):
    """One round at a time. A question is only part of a round that begins after it was asked."""

    def __init__(self, work: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer]]], most: int) -> None:
        """Ask at most `most` questions in one round."""
        self._work = work
        self._most = most
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """Wait for the answer; an error of a round goes to all who take part."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            round_, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                answers = await self._work([asked for asked, _ in round_])
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait get it
                for _, future in round_:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), answer in zip(round_, answers, strict=True):
                    if not future.done():
                        future.set_result(answer)
        self._running = None

"""Wishes about keys that are applied elsewhere, one batch at a time, so that an older wish never lands last."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Final, Generic, TypeVar

import structlog

from parley.domain.errors import ParleyError

RETRY_S: Final = 1.0

Key = TypeVar("Key", bound=Hashable)

_log: Final = structlog.get_logger()


class Convergence(Generic[Key]):
    """Keeps the newest wish per key until it is applied.

    Batches build themselves: what is wished while one is under way forms the next. A batch that fails is wished again
    after a second, except for keys with a newer wish; so an outage costs one entry per key, and heals by itself.
    """

    def __init__(
        self,
        subject: str,
        apply: Callable[[Mapping[Key, bool]], Awaitable[None]],
        recovered: Callable[[], None] = lambda: None,
        retry_s: float = RETRY_S,
    ) -> None:
        """Use `apply`, which raises when it cannot; call `recovered` once it can again. `subject` is for the log."""
        self._subject = subject
        self._retry_s = retry_s
        self._apply = apply
        self._recovered = recovered
        self._wishes: dict[Key, bool] = {}
        self._done: asyncio.Future[bool] | None = None
        self._task: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._failing = False

    def wish(self, key: Key, *, present: bool) -> None:
        """Want the key to be there or not; never waits."""
        self._wishes[key] = present
        self._start()

    async def confirm(self, wishes: Mapping[Key, bool]) -> bool:
        """Wish, and wait for the answer: True when applied, False when it will be tried again later."""
        self._wishes.update(wishes)
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
        done = self._done
        self._start()
        return await asyncio.shield(done)

    async def settle(self) -> None:
        """Wait until nothing is under way any more; what failed may still be wished."""
        while self._task is not None:
            await asyncio.shield(self._task)

    def close(self) -> None:
        """Try nothing again."""
        if self._retry is not None:
            self._retry.cancel()

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._wishes and await self._next_batch():
                pass
        finally:
            self._task = None

    async def _next_batch(self) -> bool:
        wishes, self._wishes = self._wishes, {}
        done, self._done = self._done, None
        applied = await self._attempt(wishes)
        if not applied:
            self._wishes = wishes | self._wishes
            self._answer(self._done, applied=False)
            self._done = None
        self._answer(done, applied=applied)
        return applied

    async def _attempt(self, wishes: Mapping[Key, bool]) -> bool:
        try:
            await self._apply(wishes)
        except Exception as error:  # noqa: BLE001 - whatever failed, it is tried again
            self._postpone(error)
            return False
        if self._failing:
            self._failing = False
            _log.info("caught up", subject=self._subject)
            self._recovered()
        return True

    def _postpone(self, error: Exception) -> None:
        if not self._failing:
            expected = isinstance(error, ParleyError)
            _log.warning("cannot reach", subject=self._subject, error=str(error), exc_info=not expected)
        self._failing = True
        self.close()
        self._retry = asyncio.get_running_loop().call_later(self._retry_s, self._start)

    @staticmethod
    def _answer(done: "asyncio.Future[bool] | None", *, applied: bool) -> None:
        if done is not None and not done.done():
            done.set_result(applied)

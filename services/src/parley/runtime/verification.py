"""At the start: whether the engines have what this version needs. What is away is waited for; what is wrong ends it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from parley.domain.errors import ParleyError

_PAUSE_S: Final = 1.0
_log: Final = structlog.get_logger("parley.process")


class Verification:
    """Runs beside the role as one more role of the process, and has done when everything was seen once."""

    name = "verification"

    def __init__(self, checks: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        """Each check raises ParleyError UNAVAILABLE for what may still come, and Misfit for what must not be."""
        self._checks = dict(checks)
        self._waiting: dict[str, str] = dict.fromkeys(self._checks, "it was not asked yet")

    def not_ready(self) -> str | None:
        """What is still waited for."""
        return "; ".join(f"{name}: {reason}" for name, reason in self._waiting.items()) or None

    async def run(self, stop: asyncio.Event) -> None:
        """Ask until all have answered well; raises Misfit."""
        while self._waiting and not stop.is_set():
            for name in list(self._waiting):
                await self._ask(name)
            if self._waiting:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PAUSE_S):
                        await stop.wait()
        await stop.wait()

    async def _ask(self, name: str) -> None:
        try:
            await self._checks[name]()
        except ParleyError as error:
            if self._waiting[name] != error.message:
                _log.warning("waiting for a backend", backend=name, cause=error.message)
            self._waiting[name] = error.message
        else:
            del self._waiting[name]

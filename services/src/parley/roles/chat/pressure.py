"""Back-pressure: changes of a partition that is too far behind are refused before they are acknowledged."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from parley.contract import INGRESS
from parley.domain.backlog import Backlog
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import partition_of
from parley.ports.event_log import EventLog
from parley.roles.chat.order import SEQUENCER_GROUP

LAG_LIMIT_S: Final = 60.0
"""So long a partition may need to work off what waits in it."""

_EVERY_S: Final = 0.5
_AFTER_MS: Final = 1_000
_LONGEST_AFTER_MS: Final = 30_000


class Pressure:
    """Knows the backlogs of the last look; a log that cannot be asked exerts none, since appending will tell."""

    def __init__(
        self, log: EventLog, limit_s: float = LAG_LIMIT_S, now: Callable[[], float] | None = None
    ) -> None:  # fmt: skip
        """Assume that nothing waits until the first look. `now` is the event loop's time unless it is given."""
        self._log = log
        self._limit_s = limit_s
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._backlogs: dict[int, Backlog] = {}

    def check(self, conversation: str) -> None:
        """Raise OVERLOADED while too much waits before the conversation's next change; others are not touched."""
        if not self._backlogs:
            return
        backlog = self._backlogs.get(partition_of(conversation, len(self._backlogs)))
        if backlog is not None and backlog.seconds > self._limit_s:
            text = (
                f"{backlog.waiting} accepted changes wait to be ordered before those of this conversation, which takes "
                f"about {backlog.seconds:.0f} s, more than {self._limit_s:g} s; try again later"
            )
            raise ParleyError(ErrorCode.OVERLOADED, text, after_ms=after_ms(backlog.seconds - self._limit_s))

    async def look(self) -> None:
        """Read now how far the sequencer has got."""
        found = await self._log.behind(INGRESS.name, SEQUENCER_GROUP)
        now = self._now()
        self._backlogs = {
            partition: self._backlogs.get(partition, Backlog(each.waiting, each.end - each.waiting, now)).seen(
                each.waiting, each.end - each.waiting, now
            )
            for partition, each in found.items()
        }

    async def watch(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            with contextlib.suppress(ParleyError):
                await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stop.wait()


def after_ms(beyond_s: float) -> int:
    """When to try again: when so many seconds of work are done, as far as that can be known."""
    return min(_LONGEST_AFTER_MS, max(_AFTER_MS, round(beyond_s * 1_000)))

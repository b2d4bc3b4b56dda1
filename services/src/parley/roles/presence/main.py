"""The presence role: one leader declares offline who has been gone for the whole grace."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from parley.domain.errors import ParleyError
from parley.protocol.channel import WatchedChanged, encode_item
from parley.runtime.backends import Backends
from parley.runtime.settings import Settings

JOB: Final = "presence"
_EVERY_S: Final = 1.0
_TTL_MS: Final = 5_000
_AT_ONCE: Final = 1_000
_log = structlog.get_logger("parley.presence")


def build(backends: Backends, settings: Settings) -> "PresenceRole":
    """Make the role; of several processes one leads, and two leaders at once do no harm."""
    node = settings.node_name or socket.gethostname()
    return PresenceRole(backends, f"{node}/{secrets.token_hex(4)}")


class PresenceRole:
    """Looks once a second for users whose grace is over or whose gateway died."""

    name = "presence"

    def __init__(self, backends: Backends, holder: str) -> None:
        """Lead nothing before `run`."""
        self._backends = backends
        self._holder = holder
        self._trouble: str | None = "it has not looked yet"

    def not_ready(self) -> str | None:
        """The last error, until a look succeeds."""
        return self._trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop; another one may lead at once then."""
        while not stop.is_set():
            await self._turn()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stop.wait()
        with contextlib.suppress(ParleyError):
            await self._backends.leadership.resign(JOB, self._holder)

    async def _turn(self) -> None:
        try:
            if await self._backends.leadership.acquire(JOB, self._holder, _TTL_MS):
                await self.look()
            self._trouble = None
        except ParleyError as error:
            self._trouble = error.message
            _log.warning("presence cannot be looked at", cause=error.message)

    async def look(self) -> None:
        """Declare offline whoever is due and nowhere; who is back was never away."""
        now = self._backends.clock.now_ms()
        due = await self._backends.presence.due(now, _AT_ONCE)
        if not due:
            return
        places = await self._backends.registry.locate(due)
        left = [user for user in due if user not in places]
        await self._backends.profiles.seen(dict.fromkeys(left, now))
        await self._backends.presence.gone(left)
        await self._stay(due, places)
        await self._tell(left, now)

    async def _stay(self, due: Sequence[str], places: Mapping[str, frozenset[str]]) -> None:
        """Whoever is back counts as arrived, so that his departure is not looked at again."""
        for user in due:
            if user in places:
                await self._backends.presence.arrived(user)

    async def _tell(self, left: Sequence[str], now: int) -> None:
        """Tell the gateways that watch; of those who hide nothing is told, since they were not shown as online."""
        profiles = await self._backends.profiles.profiles(left)
        items = []
        for user in left:
            profile = profiles.get(user)
            if profile is not None and profile.hide_presence:
                continue
            changed = encode_item(WatchedChanged(user, online=False, last_seen=now))
            items += [(gateway, changed) for gateway in await self._backends.presence.watchers(user)]
        if items:
            await self._backends.channels.publish(items)

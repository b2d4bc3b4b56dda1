"""The presence role: one leader declares offline who has been gone for the whole grace."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Sequence
from typing import Final

import structlog

from parley.domain.errors import ParleyError
from parley.protocol.channel import WatchedChanged, encode_item
from parley.roles.presence.observation import Observation
from parley.runtime.backends import Backends
from parley.runtime.metrics import PRESENCE_OFFLINE
from parley.runtime.settings import Settings

JOB: Final = "presence"
_EVERY_S: Final = 1.0
_OBSERVE_EVERY_S: Final = 5.0
_TTL_MS: Final = 5_000
AT_ONCE: Final = 1_000
"""People of one look: it bounds what is held in memory and how long the lead has to last."""
_log = structlog.get_logger("parley.presence")


def build(backends: Backends, settings: Settings) -> "PresenceRole":
    """Make the role; of several processes one leads, and two leaders at once do no harm."""
    node = settings.node_name or socket.gethostname()
    return PresenceRole(backends, f"{node}/{secrets.token_hex(4)}")


class PresenceRole:
    """Looks once a second, or again and again while many wait, for users whose grace is over or whose gateway died."""

    name = "presence"

    def __init__(self, backends: Backends, holder: str) -> None:
        """Lead nothing before `run`."""
        self._backends = backends
        self._holder = holder
        self._observation = Observation()
        self._observe_at = 0.0
        self._trouble: str | None = "it has not looked yet"

    def not_ready(self) -> str | None:
        """The last error, until a look succeeds."""
        return self._trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop; another one may lead at once then."""
        while not stop.is_set():
            await self._turn(stop)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stop.wait()
        with contextlib.suppress(ParleyError):
            await self._backends.leadership.resign(JOB, self._holder)

    async def _turn(self, stop: asyncio.Event) -> None:
        """Look, and go on looking at once while there is more to do than one look takes."""
        try:
            while await self._leads():
                await self._observe()
                if await self.look() < AT_ONCE // 2 or stop.is_set():
                    break
            self._trouble = None
        except ParleyError as error:
            self._trouble = error.message
            _log.warning("presence cannot be looked at", cause=error.message)

    async def _leads(self) -> bool:
        leads = await self._backends.leadership.acquire(JOB, self._holder, _TTL_MS)
        if not leads:
            self._observation.end()
        return leads

    async def _observe(self) -> None:
        """Count now and then."""
        now = asyncio.get_running_loop().time()
        if now >= self._observe_at:
            self._observe_at = now + _OBSERVE_EVERY_S
            self._observation.tell(await self._backends.presence.census())

    async def look(self) -> int:
        """Declare offline whoever is due and nowhere; who is back was never away. Returns how many were looked at."""
        now = self._backends.clock.now_ms()
        due = await self._backends.presence.due(now, AT_ONCE)
        if not due:
            return 0
        left = await self._who_left(due)
        await self._backends.profiles.seen(dict.fromkeys(left, now))
        await self._backends.presence.gone(left)
        left = await self._who_left(left)
        PRESENCE_OFFLINE.inc(len(left))
        await self._tell(left, now)
        return len(due)

    async def _who_left(self, users: Sequence[str]) -> list[str]:
        """Those who are nowhere. Whoever is back counts as arrived, so that his departure is not looked at again.

        It is asked again after they were declared gone: who came in between found that he counted as online, and nobody
        else would ever say that he is there.
        """
        places = await self._backends.registry.locate(users)
        back = [user for user in users if user in places]
        if back:
            await self._backends.presence.arrived(back)
        return [user for user in users if user not in places]

    async def _tell(self, left: Sequence[str], now: int) -> None:
        """Tell the gateways that watch; of those who hide nothing is told, since they were not shown as online."""
        watchers = await self._backends.presence.watchers(left)
        profiles = await self._backends.profiles.profiles(list(watchers))
        items = []
        for user, gateways in watchers.items():
            profile = profiles.get(user)
            if profile is None or not profile.hide_presence:
                changed = encode_item(WatchedChanged(user, online=False, last_seen=now))
                items += [(gateway, changed) for gateway in gateways]
        if items:
            await self._backends.channels.publish(items)

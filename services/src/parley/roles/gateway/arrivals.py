"""Who came and who left, told to the presence board; nothing else waits for it."""

from collections.abc import Mapping
from typing import Final

from parley.ports.channels import Channels
from parley.ports.clock import Clock
from parley.ports.profiles import ProfileReader
from parley.ports.registry import PresenceBoard
from parley.protocol.channel import WatchedChanged, encode_item
from parley.roles.gateway.convergence import Convergence
from parley.roles.gateway.directory import Directory

_AT_ONCE: Final = 64


class Arrivals:
    """Publishes `online` at once to those who watch; `offline` is left to the presence role, after the grace."""

    def __init__(
        self,
        board: PresenceBoard,
        profiles: ProfileReader,
        channels: Channels,
        clock: Clock,
        directory: Directory,
        grace_ms: int,
    ) -> None:
        """Judge by who is in the directory when the word goes out, not when it was given."""
        self._board = board
        self._profiles = profiles
        self._channels = channels
        self._clock = clock
        self._directory = directory
        self._grace_ms = grace_ms
        self._unannounced: set[str] = set()
        self.convergence: Convergence[str] = Convergence("presence board", self._apply)

    def note(self, user: str) -> None:
        """A device of the user came or left."""
        self.convergence.wish(user, present=self._directory.present(user))

    async def _apply(self, users: Mapping[str, bool]) -> None:
        away = self._clock.now_ms() + self._grace_ms
        departures = {user: away for user in users if not self._directory.present(user)}
        if departures:
            await self._board.departed(departures)
        here = [user for user in users if user not in departures]
        for first in range(0, len(here), _AT_ONCE):
            self._unannounced |= await self._board.arrived(here[first : first + _AT_ONCE])
        if self._unannounced:
            await self._announce(sorted(self._unannounced))

    async def _announce(self, users: list[str]) -> None:
        """Tell it even if the first attempt fails: the board says only once that somebody came."""
        profiles = await self._profiles.profiles(users)
        shown = [user for user in users if user not in profiles or not profiles[user].hide_presence]
        items = [
            (gateway, encode_item(WatchedChanged(user, online=True)))
            for user, gateways in (await self._board.watchers(shown)).items()
            for gateway in gateways
        ]
        if items:
            await self._channels.publish(items)
        self._unannounced.difference_update(users)

"""Which client follows whose presence."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.profiles import Profile, ProfileReader
from parley.ports.registry import PresenceBoard, Registry
from parley.protocol.channel import WatchedChanged
from parley.protocol.client_frames import Watch
from parley.protocol.codec import rfc3339
from parley.protocol.server_frames import PresenceUpdate
from parley.protocol.views import Presence
from parley.roles.gateway.convergence import Convergence
from parley.roles.gateway.frame_counts import count_sent
from parley.roles.gateway.outbound import Outbound
from parley.runtime.online import online

if TYPE_CHECKING:
    from parley.roles.gateway.client import Client


class Watching:
    """Asks the board only for users whom somebody here follows, and only once however many follow."""

    def __init__(
        self,
        gateway: str,
        board: PresenceBoard,
        registry: Registry,
        profiles: ProfileReader,
        timeout_s: float,
        away_at_ms: Callable[[], int],
    ) -> None:
        """Watch in the name of this gateway; an answer takes at most `timeout_s`.

        `away_at_ms` tells when the grace of somebody who leaves now ends.
        """
        self._away_at_ms = away_at_ms
        self._gateway = gateway
        self._board = board
        self._registry = registry
        self._profiles = profiles
        self._timeout_s = timeout_s
        self._followers: dict[str, set[Client]] = {}
        self.convergence: Convergence[str] = Convergence("presence watch", self._apply)

    async def answer(self, client: "Client", watch: Watch) -> None:
        """Follow exactly these users from now on, and say how it stands with them."""
        try:
            async with asyncio.timeout(self._timeout_s):
                users = await self._follow(client, frozenset(watch.users))
                client.send(PresenceUpdate(users, watch.id))
        except (TimeoutError, ParleyError) as error:
            text = error.message if isinstance(error, ParleyError) else "it did not answer in time"
            refusal = ParleyError(ErrorCode.UNAVAILABLE, f"presence is not known now: {text}")
            client.perform(client.session.refuse(refusal, watch.id))

    def forget(self, client: "Client") -> None:
        """The client has gone and follows nobody."""
        self._change(client, frozenset())

    def changed(self, item: WatchedChanged, now: float) -> None:
        """Tell those who follow the user."""
        followers = self._followers.get(item.user)
        if not followers:
            return
        last_seen = None if item.online or item.last_seen is None else rfc3339(item.last_seen)
        outbound = Outbound(PresenceUpdate({item.user: Presence(item.online, last_seen)}))
        count_sent(outbound.frame, len(followers))
        for client in list(followers):
            client.push(outbound, now)

    def watch_again(self) -> None:
        """Ask for everybody anew, after the board may have lost it."""
        for user in self._followers:
            self.convergence.wish(user, present=True)

    def stop(self) -> None:
        """Ask for nobody any more, at the end of a drain."""
        followed = list(self._followers)
        self._followers.clear()
        for user in followed:
            self.convergence.wish(user, present=False)

    def _change(self, client: "Client", users: frozenset[str]) -> frozenset[str]:
        """Gives the users who were not followed by anybody here before."""
        before, client.watched = client.watched, users
        for user in before - users:
            followers = self._followers.get(user, set())
            followers.discard(client)
            if not followers and user in self._followers:
                del self._followers[user]
                self.convergence.wish(user, present=False)
        new = frozenset(user for user in users if user not in self._followers)
        for user in users - before:
            self._followers.setdefault(user, set()).add(client)
        return new

    async def _follow(self, client: "Client", users: frozenset[str]) -> dict[str, Presence]:
        """Watch first and look afterwards, so that no change falls between."""
        new = self._change(client, users)
        if new and not await self.convergence.confirm(dict.fromkeys(new, True)):
            raise ParleyError(ErrorCode.UNAVAILABLE, "the presence board cannot be reached")
        named = sorted(users)
        here = await online(named, self._registry, self._board, self._away_at_ms())
        profiles = await self._profiles.profiles(named)
        return {user: _presence(user in here, profiles.get(user)) for user in named}

    async def _apply(self, wishes: Mapping[str, bool]) -> None:
        await self._board.watch(self._gateway, {user: user in self._followers for user in wishes})


def _presence(here: bool, profile: Profile | None) -> Presence:  # noqa: FBT001 - a fact, not an option
    if profile is not None and profile.hide_presence:
        return Presence()
    if here or profile is None or profile.last_seen is None:
        return Presence(here)
    return Presence(online=False, last_seen=rfc3339(profile.last_seen))

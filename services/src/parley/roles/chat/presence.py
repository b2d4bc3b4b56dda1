"""Signals that are never stored: who types, who is there, who does not want it known."""

from typing import Final

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_conversation, check_name
from parley.domain.limits import Limits
from parley.domain.routing import by_gateway
from parley.protocol.channel import Delivery, WatchedChanged, encode_item
from parley.protocol.client_frames import SetPrivacy, Typing, Watch
from parley.protocol.codec import rfc3339
from parley.protocol.server_frames import Done, PresenceUpdate, TypingNotice
from parley.protocol.views import Presence
from parley.roles.chat.membership_view import MembershipView, not_a_member
from parley.runtime.backends import Backends
from parley.runtime.online import online

_HIDDEN: Final = Presence()


class Signals:
    """Passes signals on through the registry and the gateways' channels; losing one harms nobody."""

    def __init__(self, backends: Backends, view: MembershipView, limits: Limits, grace_ms: int) -> None:
        """Nothing is read yet. Who left counts as online for `grace_ms` more."""
        self._clock = backends.clock
        self._grace_ms = grace_ms
        self._registry = backends.registry
        self._channels = backends.channels
        self._board = backends.presence
        self._profiles = backends.profiles
        self._view = view
        self._limits = limits

    async def typing(self, user: str, asked: Typing) -> None:
        """Tell the other members who are connected."""
        conversation = check_conversation(asked.conversation)
        state = await self._view.state(conversation, fresh=False)
        if user not in state.members:
            raise not_a_member(conversation)
        places = await self._registry.locate([member for member in state.members if member != user])
        notice = TypingNotice(conversation, user, asked.active)
        await self._channels.publish(
            [(gateway, encode_item(Delivery(users, notice))) for gateway, users in by_gateway(places, places).items()]
        )

    async def set_privacy(self, user: str, asked: SetPrivacy) -> Done:
        """Hide or show a user, and tell it to those who watch him now."""
        await self._profiles.set_privacy(user, hide_presence=asked.hide_presence)
        shown = not asked.hide_presence and bool(await self._registry.locate([user]))
        changed = encode_item(WatchedChanged(user, shown))
        watchers = await self._board.watchers([user])
        await self._channels.publish([(gateway, changed) for gateway in watchers.get(user, ())])
        return Done(asked.id)

    async def snapshot(self, asked: Watch) -> PresenceUpdate:
        """Presence of users now, as anybody may see it, for those who have no socket to watch with."""
        users = asked.users
        if len(users) > self._limits.watched_users:
            text = f"users has {len(users)} names; at most {self._limits.watched_users} are allowed"
            raise ParleyError(ErrorCode.TOO_MANY_WATCHED, text, field="users")
        names = [check_name(user, "users") for user in users]
        away_at_ms = self._clock.now_ms() + self._grace_ms
        here = await online(names, self._registry, self._board, away_at_ms)
        profiles = await self._profiles.profiles(names)
        shown: dict[str, Presence] = {}
        for name in names:
            profile = profiles.get(name)
            if profile is not None and profile.hide_presence:
                shown[name] = _HIDDEN
            elif name in here:
                shown[name] = Presence(online=True)
            else:
                seen = profile.last_seen if profile else None
                shown[name] = Presence(last_seen=None if seen is None else rfc3339(seen))
        return PresenceUpdate(shown, asked.id)

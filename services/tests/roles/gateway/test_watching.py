"""Presence as those who watch see it."""

from parley.domain.errors import ErrorCode
from parley.ports.registry import PresenceBoard
from parley.protocol.channel import WatchedChanged
from parley.protocol.client_frames import Ping, Watch
from parley.protocol.server_frames import ErrorFrame, Pong, PresenceUpdate
from parley.protocol.views import Presence
from tests.roles.gateway.running import Peer, eventually, running


async def hear_of(peer: Peer, user: str) -> Presence:
    """The next word about a user; the arrival of others may be told in between."""
    while user not in (update := await peer.hear(PresenceUpdate)).users:
        pass
    return update.users[user]


async def answer_to(peer: Peer, identifier: str) -> PresenceUpdate:
    """The answer to a request; the arrival of somebody who is watched may be told before it."""
    while (update := await peer.hear(PresenceUpdate)).id != identifier:
        pass
    return update


async def test_watching_tells_at_once_and_then_every_change_and_nobody_else_hears() -> None:
    async with running() as gateway:
        profiles = gateway.backends.profiles
        await profiles.seen({"bob": 1_700_000_000_000, "eve": 1_700_000_000_000})
        await profiles.set_privacy("eve", hide_presence=True)
        ann, joe = await gateway.join("ann"), await gateway.join("joe")
        await ann.say(Watch("r1", ("bob", "joe", "eve", "nobody")))
        answer = await answer_to(ann, "r1")
        assert answer.users == {
            "bob": Presence(last_seen="2023-11-14T22:13:20.000Z"),
            "joe": Presence(online=True),
            "eve": Presence(),
            "nobody": Presence(),
        }
        await gateway.join("bob")
        assert await hear_of(ann, "bob") == Presence(online=True)
        await gateway.publish(WatchedChanged("bob", online=False, last_seen=1_700_000_001_000))
        assert await hear_of(ann, "bob") == Presence(last_seen="2023-11-14T22:13:21.000Z")
        await joe.say(Ping("r2"))
        await joe.hear(Pong)
        assert joe.heard == []


async def test_who_changes_his_connection_is_shown_online_to_those_who_ask_meanwhile() -> None:
    async with running() as gateway:
        ann = await gateway.join("ann")
        await ann.say(Watch("r1", ("bob",)))
        await answer_to(ann, "r1")
        bob = await gateway.join("bob")
        assert await hear_of(ann, "bob") == Presence(online=True)
        await bob.connection.close()
        await gateway.until_located("bob")
        await ann.say(Watch("r2", ("bob",)))
        assert (await answer_to(ann, "r2")).users == {"bob": Presence(online=True)}


async def test_who_hides_his_presence_comes_without_a_word() -> None:
    async with running() as gateway:
        await gateway.backends.profiles.set_privacy("eve", hide_presence=True)
        ann = await gateway.join("ann")
        await ann.say(Watch("r1", ("bob", "eve")))
        await ann.hear(PresenceUpdate)
        await gateway.join("eve")
        await gateway.join("bob")
        assert (await ann.hear(PresenceUpdate)).users == {"bob": Presence(online=True)}


async def test_a_watch_replaces_the_one_before_and_ends_with_the_connection() -> None:
    async with running() as gateway:
        ann = await gateway.join("ann")
        await ann.say(Watch("r1", ("bob", "eve")), Watch("r2", ("eve",)))
        await ann.hear(PresenceUpdate)
        await ann.hear(PresenceUpdate)
        board = gateway.backends.presence
        await eventually(lambda: _watched(board, bob=False, eve=True))
        await ann.connection.close()
        await eventually(lambda: _watched(board, bob=False, eve=False))


async def _watched(board: PresenceBoard, **users: bool) -> bool:
    watchers = {user: (await board.watchers([user])).get(user, frozenset()) for user in users}
    return {user: bool(gateways) for user, gateways in watchers.items()} == users


async def test_watching_too_many_users_is_refused() -> None:
    async with running(watched_users=2) as gateway:
        peer = await gateway.join("ann")
        await peer.say(Watch("r1", ("bob", "eve", "joe")))
        error = await peer.hear(ErrorFrame)
        assert (error.code, error.id, error.field) == (ErrorCode.TOO_MANY_WATCHED, "r1", "users")

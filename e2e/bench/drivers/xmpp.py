"""XMPP clients over plain TCP: SASL PLAIN, stream management, rooms, archives and markers."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from e2e.bench.contract import Group, Hear, Target
from e2e.bench.drivers.xmpp_acknowledgements import Acknowledgements
from e2e.bench.drivers.xmpp_client import Person, XmppClient
from e2e.bench.drivers.xmpp_memory import Memory
from e2e.bench.drivers.xmpp_stanzas import (
    ASK,
    AVAILABLE,
    BIND,
    ENABLE,
    attributes,
    head_of,
    header,
    join,
    key_of,
    plain,
    resume,
    value_of,
    why_of,
)
from e2e.bench.drivers.xmpp_stream import XmppStream

_CONNECT_S: Final = 120.0


class XmppDriver:
    """Parameters of the target: `domain`, `rooms` (the domain of rooms), `password` (of all), `groups` (JSON)."""

    def __init__(self, target: Target) -> None:
        self._address = target.host, target.port
        self._domain = target.parameters["domain"]
        self._rooms = target.parameters["rooms"]
        self._password = target.parameters["password"]
        self._groups: dict[str, list[str]] = {}
        for group, members in json.loads(target.parameters.get("groups", "{}")).items():
            for member in members:
                self._groups.setdefault(member, []).append(group)

    async def connect(self, user: str, hear: Hear, source: str, memory: object = None) -> XmppClient:
        """Resume the stream if the server still has it; else begin one, enter the rooms and read what was missed."""
        known = memory if isinstance(memory, Memory) else None
        try:
            return await self._connect(user, hear, source, known)
        except ConnectionError:
            if known is None or known.stream_id is None:
                raise
        # A server may end the connection when it cannot resume, as one whose queue for it has overflowed does.
        return await self._connect(user, hear, source, replace(known, stream_id=None))

    async def close(self) -> None:
        """The clients share nothing."""

    async def _connect(self, user: str, hear: Hear, source: str, memory: Memory | None) -> XmppClient:
        stream = await XmppStream.open(self._address, source)
        try:
            async with asyncio.timeout(_CONNECT_S):
                await self._authenticate(stream, user)
                person = Person(user, self._domain, self._rooms)
                client = XmppClient(stream, person, hear, memory, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
                if memory is None or not await _resumed(stream, client, memory):
                    await self._begin(stream, client, memory)
        except BaseException:
            stream.abort()
            raise
        return client

    async def _authenticate(self, stream: XmppStream, user: str) -> None:
        stream.write(header(self._domain))
        await _until(stream, b"<stream:features")
        stream.write(plain(user, self._password))
        told = await stream.next()
        if not told.startswith(b"<success"):
            raise ConnectionError(f"the server did not let {user} in: {why_of(told)}")
        stream.restart()
        stream.write(header(self._domain))
        await _until(stream, b"<stream:features")

    async def _begin(self, stream: XmppStream, client: XmppClient, memory: Memory | None) -> None:
        person = client.person
        stream.write(BIND + ENABLE)
        bound = await _until(stream, b"<iq")
        if value_of(head_of(bound), b"type") != b"result":
            raise ConnectionError(f"the server gave {person.user} no session: {why_of(bound)}")
        enabled = await _until(stream, b"<enabled", b"<failed")
        client.stream_id = attributes(enabled).get("id")
        if memory is not None:
            client.hold()
        entered = _Entrance(client)
        stream.hand_over(client.take, client.ended)
        client.ask(AVAILABLE)
        for group in self._groups.get(person.user, ()):
            entered.enter(person.address_of(Group(group)))
        await entered.done(stream)
        if memory is not None:
            await _tell_missed(client, memory, [None, *entered.rooms])
        entered.leave()


class _Entrance:
    """Waits until the server knows that a person is there, and until all rooms have let him in."""

    def __init__(self, client: XmppClient) -> None:
        self._client = client
        self._outside: set[str] = set()
        self._counted = False
        self._inside: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.rooms: list[str] = []
        client.on_presence, client.on_count, client.on_end = self._presence, self._count, self._end

    def enter(self, room: str) -> None:
        """Ask a room to let him in."""
        self.rooms.append(room)
        self._outside.add(room)
        self._client.ask(join(room, self._client.person.user))

    async def done(self, stream: XmppStream) -> None:
        """Everything from now on is heard; raises ConnectionError that says who refused."""
        stream.write(ASK)
        try:
            await self._inside
        finally:
            self._client.on_presence = self._client.on_count = None

    def leave(self) -> None:
        """From now on the end of the connection is told to whoever listens, and no more to who connects."""
        self._client.on_end = None

    def _presence(self, presence: bytes) -> None:
        told = attributes(presence)
        room, _, nick = told.get("from", "").partition("/")
        if told.get("type") == "error" and not self._inside.done():
            self._inside.set_exception(ConnectionError(f"{room} did not let {nick} in: {why_of(presence)}"))
        elif nick == self._client.person.user and room in self._outside:
            self._outside.discard(room)
            self._look()

    def _count(self) -> None:
        self._counted = True
        self._look()

    def _end(self, why: str) -> None:
        if not self._inside.done():
            self._inside.set_exception(ConnectionError(why))

    def _look(self) -> None:
        if self._counted and not self._outside and not self._inside.done():
            self._inside.set_result(None)


async def _resumed(stream: XmppStream, client: XmppClient, memory: Memory) -> bool:
    """Go on with an earlier stream; False when the server has it no more."""
    if memory.stream_id is None:
        return False
    stream.write(resume(memory.stream_id, memory.received))
    told = await _until(stream, b"<resumed", b"<failed")
    client.counts = Acknowledgements(memory.sent, memory.received, memory.waiting)
    count = attributes(told).get("h")
    if count is not None:
        client.accept(int(count))
    if told.startswith(b"<failed"):
        client.counts = Acknowledgements()
        return False
    client.counts = Acknowledgements(client.counts.accepted, memory.received)  # what was lost is not sent again
    client.stream_id = memory.stream_id
    stream.hand_over(client.take, client.ended)
    return True


async def _tell_missed(client: XmppClient, memory: Memory, rooms: list[str | None]) -> None:
    """Tell what the archives have since the earlier connection, and then what came in the meantime."""
    told: set[str] = set()
    for room in rooms:
        newest = memory.newest.get(room)
        while True:
            page = await client.archives.after(room, newest, memory.since)
            for message in page.messages:
                if room is None and value_of(head_of(message), b"from").startswith(client.person.address.encode()):
                    continue  # what one has sent oneself is in the same archive
                client.tell(room, message)
                told.add(key_of(message) or "")
            newest = page.last or newest
            if page.complete or not page.messages:
                break
        if newest is not None:
            client.newest.told[room] = newest
    client.release(told - {""})


async def _until(stream: XmppStream, *begins: bytes) -> bytes:
    """The next stanza that begins so; what else comes while one connects means nothing."""
    while True:
        stanza = await stream.next()
        if stanza.startswith(begins):
            return stanza
        if stanza.startswith((b"<stream:error", b"</stream")):
            raise ConnectionError(f"the server ended the stream: {why_of(stanza)}")

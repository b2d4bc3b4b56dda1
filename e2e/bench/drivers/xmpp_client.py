"""One person on an XMPP server: what is sent, what comes, and what is accepted."""

from collections.abc import Callable
from dataclasses import dataclass, field

from e2e.bench.contract import Direct, Group, Hear, Page, Place
from e2e.bench.drivers.xmpp_acknowledgements import Acknowledgements
from e2e.bench.drivers.xmpp_archive import Archives
from e2e.bench.drivers.xmpp_memory import Memory
from e2e.bench.drivers.xmpp_stanzas import (
    ASK,
    answer,
    archive_id_in,
    attributes,
    displayed,
    displayed_in,
    head_of,
    key_of,
    message_begin,
    message_end,
    unsupported,
    value_of,
    why_of,
)
from e2e.bench.drivers.xmpp_stream import XmppStream


@dataclass(frozen=True, slots=True)
class Person:
    """Who a client is: the name, and the domains of people and of rooms."""

    user: str
    domain: str
    rooms: str

    @property
    def address(self) -> str:
        """The address of the account."""
        return f"{self.user}@{self.domain}"

    def address_of(self, place: Place) -> str:
        """Where messages for a place go."""
        return f"{place.name}@{self.rooms}" if isinstance(place, Group) else f"{place.other(self.user)}@{self.domain}"

    def place_of(self, address: bytes) -> Place:
        """The place that messages from an address belong to."""
        name, _, domain = address.decode().partition("@")
        return Group(name) if domain == self.rooms else Direct.of(self.user, name)


@dataclass(slots=True)
class Newest:
    """The newest message that came of people, and of each room: what was missed later begins after these."""

    told: dict[str | None, str]
    """The ids that an earlier connection has left; None stands for all people."""
    since: str
    came: dict[str | None, bytes] = field(default_factory=dict)

    def ids(self, own: str) -> dict[str | None, str]:
        """The ids in the archives."""
        ids = dict(self.told)
        for room, message in self.came.items():
            found = archive_id_in(message, room or own)
            if found is not None:
                ids[room] = found
        return ids


class XmppClient:
    """Takes the stanzas of a stream and tells what they mean; made by the driver."""

    def __init__(self, stream: XmppStream, person: Person, hear: Hear, memory: Memory | None, since: str) -> None:
        self._stream = stream
        self.person = person
        self._hear = hear
        self._begins: dict[Place, tuple[str, bool]] = {}
        self._places: dict[bytes, Place] = {}
        self._in_groups = set(memory.in_groups if memory else ())
        self._number = 0
        self._held: list[tuple[str | None, bytes]] | None = None
        self.newest = Newest(dict(memory.newest) if memory else {}, memory.since if memory else since)
        self.stream_id: str | None = None
        self.counts = Acknowledgements()
        self.archives = Archives(self.ask)
        self.on_presence: Callable[[bytes], None] | None = None
        self.on_count: Callable[[], None] | None = None
        self.on_end: Callable[[str], None] | None = None

    def send(self, place: Place, text: str) -> None:
        """Send a message."""
        begin = self._begins.get(place)
        if begin is None:
            grouped = isinstance(place, Group)
            to = self.person.address_of(place)
            begin = self._begins[place] = message_begin(to, "groupchat" if grouped else "chat"), grouped
        key = text.partition(" ")[0]
        data = (begin[0] + message_end(key, text)).encode()
        if begin[1]:  # a room's own copy is what says that it has the message
            self._in_groups.add(key)
            self.counts.send()
            self._stream.write(data)
        else:
            self.counts.send(key)
            self._stream.write(data, ASK)

    def mark_read(self, place: Place, key: str) -> None:
        """Send a marker."""
        self._number += 1
        kind = "groupchat" if isinstance(place, Group) else "chat"
        own = f"read-{self.person.user}-{self._number}"
        self.ask(displayed(self.person.address_of(place), kind, key, own))

    async def page(self, place: Place, size: int, older: str | None = None) -> Page:
        """Markers are in the archive too and are left out, so that a page may take more than one question."""
        to = self.person.address_of(place)
        room, partner = (to, None) if isinstance(place, Group) else (None, to)
        keys: list[str] = []
        while True:
            found = await self.archives.before(room, partner, size - len(keys), older)
            keys = [key for message in found.messages if (key := key_of(message)) is not None] + keys
            older = None if found.complete else found.first
            if older is None or len(keys) >= size:
                return Page(tuple(keys), older)

    def pause_reading(self) -> None:
        """Leave everything in the socket."""
        self._stream.pause()

    def resume_reading(self) -> None:
        """Read again."""
        self._stream.go_on()

    def memory(self) -> Memory:
        """The stream for the server to resume, and the ends of the archives in case it cannot."""
        return Memory(
            stream_id=self.stream_id,
            sent=self.counts.sent,
            received=self.counts.received,
            waiting=self.counts.waiting,
            in_groups=tuple(self._in_groups),
            newest=self.newest.ids(self.person.address),
            since=self.newest.since,
        )

    def abort(self) -> None:
        """Drop the connection."""
        self._stream.abort()
        self.archives.end("it was dropped")

    async def close(self) -> None:
        """End the stream."""
        await self._stream.close()
        self.archives.end("it was closed")

    def ask(self, stanza: bytes) -> None:
        """Send a stanza that is no message with a text."""
        self.counts.send()
        self._stream.write(stanza)

    def ended(self, why: str) -> None:
        """The connection is gone."""
        self.archives.end(why)
        if self.on_end is not None:  # it is not connected yet, and `connect` will say so
            self.on_end(why)
        else:
            self._hear.closed(why)

    def hold(self) -> None:
        """Keep messages back until `release`: what was missed is told before them."""
        self._held = []

    def release(self, told: set[str]) -> None:
        """Tell what was kept back but for these keys, and from now on everything at once."""
        held, self._held = self._held or [], None
        for room, message in held:
            if key_of(message) not in told:
                self.tell(room, message)

    def take(self, stanza: bytes) -> None:
        """A stanza came."""
        if stanza.startswith(b"<message"):
            self.counts.received += 1
            self._message(stanza)
        elif stanza.startswith(b"<a "):
            self.accept(int(value_of(stanza, b"h")))
        elif stanza.startswith(b"<r "):
            self._stream.write(answer(self.counts.received))
        elif stanza.startswith(b"<presence"):
            self.counts.received += 1
            self._presence(stanza)
        elif stanza.startswith(b"<iq"):
            self.counts.received += 1
            self._iq(stanza)
        elif stanza.startswith((b"<stream:error", b"</stream")):
            self._stream.fail(f"the server ended the stream: {stanza.decode(errors='replace')[:300]}")

    def accept(self, count: int) -> None:
        """The server has accepted this many stanzas."""
        for key in self.counts.accept(count):
            self._hear.acknowledged(key)
        if self.on_count is not None:
            self.on_count()

    def tell(self, room: str | None, message: bytes) -> None:
        """Tell a message with a text, or a marker."""
        head = head_of(message)
        sender, _, nick = value_of(head, b"from").partition(b"/")
        place = self._places.get(sender)
        if place is None:
            place = self._places[sender] = self.person.place_of(sender)
        key = key_of(message)
        if key is not None:
            self._hear.message(place, key)
            if room is not None and key in self._in_groups and nick.decode() == self.person.user:
                self._in_groups.discard(key)
                self._hear.acknowledged(key)
            return
        marked = displayed_in(message)
        reader = place.other(self.person.user) if isinstance(place, Direct) else nick.decode()
        if marked is not None and reader != self.person.user:
            self._hear.receipt(place, marked, reader)

    def _message(self, message: bytes) -> None:
        head = head_of(message)
        kind = value_of(head, b"type")
        if kind == b"error":
            self._refused(attributes(message).get("id"), message)
            return
        if self.archives.asking and self.archives.take(message):
            return
        room = value_of(head, b"from").partition(b"/")[0].decode() if kind == b"groupchat" else None
        self.newest.came[room] = message
        if self._held is None:
            self.tell(room, message)
        else:
            self._held.append((room, message))

    def _refused(self, key: str | None, message: bytes) -> None:
        if key is not None:
            self._in_groups.discard(key)
            self.counts.refuse(key)
        self._hear.refused(key, why_of(message))

    def _presence(self, presence: bytes) -> None:
        if self.on_presence is not None:
            self.on_presence(presence)
        elif value_of(head_of(presence), b"type") == b"error" or b"<status code='307'" in presence:
            self._hear.refused(None, presence.decode(errors="replace")[:300])

    def _iq(self, iq: bytes) -> None:
        head = head_of(iq)
        kind = value_of(head, b"type")
        if kind in (b"get", b"set"):
            self.ask(unsupported(iq))
        else:
            self.archives.answered(value_of(head, b"id").decode(), iq, failed=kind == b"error")

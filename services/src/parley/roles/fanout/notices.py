"""What a timeline record means for people: frames, and the users that get them. Pure."""

import msgspec

from parley.protocol.channel import Delivery, Link
from parley.protocol.projection import entry_view
from parley.protocol.server_frames import AnyServerFrame, Duplicate, Failed, Message
from parley.protocol.timeline import DuplicateOf, Refused
from parley.roles.fanout.conversations import Told


class Notice(msgspec.Struct, frozen=True):
    """One frame for some users, because of one record. `appended_at` (ms) is that of the message itself."""

    partition: int
    position: int
    users: frozenset[str]
    frame: AnyServerFrame
    trace: str = ""
    appended_at: int = 0
    traceparent: str = ""

    def delivery(self, users: tuple[str, ...], link: Link) -> Delivery:
        """The item for those of the users who are at one gateway."""
        return Delivery(users, self.frame, link, self.trace, self.appended_at, self.traceparent)


def of_entry(partition: int, position: int, told: Told) -> list[Notice]:
    """The entry for everybody who sees it whole, and without what it says for those from whom its target is hidden."""
    entry, who = told.entry, told.audience
    return [
        Notice(
            partition,
            position,
            users,
            Message(entry.conversation, entry_view(entry, content=told.content, redacted=redacted)),
            entry.trace,
            entry.created_at,
            told.traceparent,
        )
        for users, redacted in ((who.full, False), (who.redacted, True))
        if users
    ]


def of_outcome(partition: int, position: int, event: DuplicateOf | Refused) -> Notice:
    """The word to its sender about a change that took no seq of its own."""
    frame: AnyServerFrame
    match event:
        case DuplicateOf():
            frame = Duplicate(event.conversation, event.client_msg_id, event.seq, str(event.message_id))
        case Refused():
            frame = Failed(event.conversation, event.client_msg_id, event.code, event.message)
    return Notice(partition, position, frozenset({event.sender}), frame, event.trace, traceparent=event.traceparent)

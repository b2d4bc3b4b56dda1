"""The parts that several frames share: what an entry, a gap and a watermark look like to a client."""

import msgspec

from parley.domain.content import Content


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of a frame. Unknown fields are ignored, so that old clients read new servers."""


class ReactionView(Part, frozen=True, omit_defaults=True):
    """One user's emoji on a message; `seq` is the entry that set it."""

    user: str
    emoji: str
    seq: int


class EntryView(Part, frozen=True, omit_defaults=True):
    """One entry of a conversation as a client sees it. Times are RFC 3339 in UTC with milliseconds.

    `kind` is one of message, edit, delete, reaction, created, settings, added, removed, left, role. An edit carries
    the new content, unless its target is hidden from this reader: then `redacted` is true and only the seq counts.
    A deleted message has `deleted_seq` and no content. `message_id` is a 64-bit number written as a string.
    """

    seq: int
    kind: str
    sender: str
    message_id: str
    client_msg_id: str
    created_at: str
    messages: int
    content: Content | None = None
    target_seq: int | None = None
    members: tuple[str, ...] = ()
    role: str | None = None
    title: str | None = None
    open_history: bool | None = None
    emoji: str | None = None
    removed: bool = False
    edited_seq: int | None = None
    edited_at: str | None = None
    deleted_seq: int | None = None
    reactions: tuple[ReactionView, ...] = ()
    redacted: bool = False


class Gap(Part, frozen=True, omit_defaults=True):
    """Seqs `first` to `last` are not in this answer. `closed`: you may never see them; step over."""

    first: int
    last: int
    closed: bool = False


class Watermark(Part, frozen=True, omit_defaults=True):
    """How far a user got: everything up to `delivered` reached a device, up to `read` was seen."""

    delivered: int = 0
    read: int = 0


class Presence(Part, frozen=True, omit_defaults=True):
    """Whether a user is there. `last_seen` is RFC 3339, absent while online, hidden or never seen."""

    online: bool = False
    last_seen: str | None = None


class MemberView(Part, frozen=True, omit_defaults=True):
    """A member of a conversation and since which seq."""

    user: str
    role: str
    joined_seq: int


class ConversationView(Part, frozen=True, omit_defaults=True):
    """A conversation of the user that asked.

    `kind` is direct or group. `head` is the newest seq; `visible` the newest that this user may see (lower once he
    left). `messages` holds the newest entries after the cursor; `gaps` name every seq between cursor and `visible`
    that is missing there. `watermarks` are the other members' in a direct or small conversation. `peer` is the other
    user of a direct conversation. `role` is absent once the user is no longer a member.
    """

    conversation: str
    kind: str
    head: int
    visible: int
    unread: int = 0
    read: int = 0
    delivered: int = 0
    title: str = ""
    peer: str | None = None
    role: str | None = None
    member_count: int = 0
    open_history: bool = False
    last_message_at: str | None = None
    messages: tuple[EntryView, ...] = ()
    gaps: tuple[Gap, ...] = ()
    watermarks: dict[str, Watermark] = {}

"""What a conversation consists of once it is ordered: entries with a seq."""

import msgspec

from parley.domain.content import Content
from parley.domain.position import NOWHERE
from parley.domain.records import Role


class Head(msgspec.Struct, frozen=True):
    """How far a conversation is folded: its newest seq, the log position of the newest decision, and its messages.

    `messages` counts only what people see as a message, so that unread counts ignore edits and membership changes.
    """

    seq: int = 0
    position: int = NOWHERE
    messages: int = 0


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """The detail of an entry that is not a message: who was added, which role, which title, which emoji."""

    members: tuple[str, ...] = ()
    role: Role | None = None
    title: str | None = None
    open_history: bool | None = None
    emoji: str | None = None
    removed: bool = False


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of a conversation. Times are in milliseconds of log time; `kind` is the record's tag.

    The entry of an edit holds no text: the text lives in the target's row alone, so that deleting a message really
    deletes what it said. `messages` is the running count up to and with this entry. `edited_seq` and `deleted_seq`
    name the entries that changed this one; they let every reader decide what was true as of any head.
    """

    conversation: str
    seq: int
    position: int
    message_id: int
    sender: str
    client_msg_id: str
    kind: str
    created_at: int
    messages: int
    content: Content | None = None
    target_seq: int | None = None
    change: Change | None = None
    edited_seq: int | None = None
    edited_at: int | None = None
    deleted_seq: int | None = None
    trace: str = ""


class Reaction(msgspec.Struct, frozen=True, omit_defaults=True):
    """The newest word of one user on one emoji of one message; `seq` is the entry that said it."""

    target_seq: int
    user: str
    emoji: str
    seq: int
    removed: bool = False


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stretch of membership with one role. Both ends see their own entry; `to_seq` None means still a member.

    `joined_seq` is where the stretch of membership began that this span continues: a change of role opens a new span
    with the same `joined_seq`.
    """

    user: str
    from_seq: int
    role: Role
    joined_seq: int
    to_seq: int | None = None


class Settings(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a conversation is, from `from_seq` on. `title` is empty for a direct conversation."""

    from_seq: int
    group: bool
    title: str = ""
    open_history: bool = False


class PriorSend(msgspec.Struct, frozen=True):
    """What became of an attempt: its seq, or the code of its refusal. `appended_at` is in ms of log time."""

    position: int
    message_id: int
    body_hash: bytes
    appended_at: int
    seq: int | None = None
    refusal: str | None = None

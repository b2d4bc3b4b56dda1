"""Frames that the server sends. Unknown fields are to be ignored; unknown types are to be skipped."""

from typing import TypeAlias

import msgspec

from parley.protocol.views import ConversationView, EntryView, Gap, MemberView, Presence, Watermark


class ServerFrame(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """Anything the server may send."""


class Answer(ServerFrame, frozen=True, omit_defaults=True):
    """The answer to the request with this id."""

    id: str


class Welcome(ServerFrame, frozen=True, omit_defaults=True, tag="welcome"):
    """The session is open. `conversations` holds those that changed since the cursors, newest first.

    The client pings, or sends anything, at least every `heartbeat_ms`. `window_frames` and `window_bytes` bound what
    may be under way before the client says `received`. `more`: there are further conversations to list.
    """

    user: str
    session: str
    heartbeat_ms: int
    window_frames: int
    window_bytes: int
    server_time: str
    conversations: tuple[ConversationView, ...] = ()
    more: bool = False


class Resumed(Answer, frozen=True, omit_defaults=True, tag="resumed"):
    """What changed since the cursors that were sent again, as in `welcome`."""

    conversations: tuple[ConversationView, ...] = ()
    more: bool = False


class Done(Answer, frozen=True, omit_defaults=True, tag="done"):
    """It was done, and there is nothing more to say."""


class Pong(Answer, frozen=True, omit_defaults=True, tag="pong"):
    """The server is there."""


class Ack(Answer, frozen=True, omit_defaults=True, tag="ack"):
    """The change is durable and will get its place in the order: the receipt `sent`.

    `message_id` is there on a first attempt; a retry learns it from the echo or from `duplicate`.
    """

    conversation: str
    client_msg_id: str
    message_id: str | None = None


class Message(ServerFrame, frozen=True, omit_defaults=True, tag="message"):
    """A new entry of a conversation, pushed to every device of everybody who may see it."""

    conversation: str
    entry: EntryView


class Duplicate(ServerFrame, frozen=True, omit_defaults=True, tag="duplicate"):
    """This change had been made before: it is the entry `seq`, with the first attempt's identity."""

    conversation: str
    client_msg_id: str
    seq: int
    message_id: str


class Failed(ServerFrame, frozen=True, omit_defaults=True, tag="failed"):
    """An acknowledged change was refused when its turn came; it has no seq and never will."""

    conversation: str
    client_msg_id: str
    code: str
    message: str


class Receipt(ServerFrame, frozen=True, omit_defaults=True, tag="receipt"):
    """How far members got. In large groups `counts` tells for one seq how many received and read it."""

    conversation: str
    watermarks: dict[str, Watermark] = {}
    counts: dict[str, Watermark] = {}
    id: str | None = None


class HeadHint(ServerFrame, frozen=True, omit_defaults=True, tag="head"):
    """There is more to read in these conversations, up to these seqs: sync when there is room."""

    heads: dict[str, int]


class Page(Answer, frozen=True, omit_defaults=True, tag="page"):
    """Entries in ascending seq. `gaps` name what lies in the asked range but not here; `more`: it goes on.

    `first` and `last` are the range that the answer speaks of: every seq in it is an entry or in a gap.
    """

    conversation: str
    head: int
    first: int
    last: int
    messages: tuple[EntryView, ...] = ()
    gaps: tuple[Gap, ...] = ()
    more: bool = False


class ConversationPage(Answer, frozen=True, omit_defaults=True, tag="conversations"):
    """One page of the user's conversations, without messages."""

    conversations: tuple[ConversationView, ...] = ()
    next_page_token: str | None = None


class MemberList(Answer, frozen=True, omit_defaults=True, tag="members"):
    """Everybody in the conversation."""

    conversation: str
    members: tuple[MemberView, ...] = ()


class ReadByList(Answer, frozen=True, omit_defaults=True, tag="read_by"):
    """Who has received and who has read a message; its sender is in neither list.

    `undelivered_since` is the message's time while nobody has received it.
    """

    conversation: str
    seq: int
    delivered: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    undelivered_since: str | None = None


class TypingNotice(ServerFrame, frozen=True, omit_defaults=True, tag="typing"):
    """Somebody is typing, or has stopped; forget it after six seconds."""

    conversation: str
    user: str
    active: bool = True


class PresenceUpdate(ServerFrame, frozen=True, omit_defaults=True, tag="presence"):
    """Presence of watched users: all of them as the answer to `watch` (with its id), later what changed."""

    users: dict[str, Presence] = {}
    id: str | None = None


class Resync(ServerFrame, frozen=True, omit_defaults=True, tag="resync"):
    """Something may have been missed: at a random moment within `within_ms` send `resume` with the cursors."""

    within_ms: int


class GoAway(ServerFrame, frozen=True, omit_defaults=True, tag="goaway"):
    """The gateway is about to stop: reconnect at a random moment within `within_ms`."""

    within_ms: int
    reason: str


class ErrorFrame(ServerFrame, frozen=True, omit_defaults=True, tag="error"):
    """A refusal. `code` is stable, `message` is for people, `field` names the offending input."""

    code: str
    message: str
    retryable: bool = False
    after_ms: int | None = None
    field: str | None = None
    id: str | None = None


AnyServerFrame: TypeAlias = (
    Welcome
    | Resumed
    | Done
    | Pong
    | Ack
    | Message
    | Duplicate
    | Failed
    | Receipt
    | HeadHint
    | Page
    | ConversationPage
    | MemberList
    | ReadByList
    | TypingNotice
    | PresenceUpdate
    | Resync
    | GoAway
    | ErrorFrame
)

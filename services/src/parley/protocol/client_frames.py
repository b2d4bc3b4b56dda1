"""Frames that a client sends. `type` names the frame; `id` correlates a request with its answer."""

from typing import Final, TypeAlias

import msgspec

from parley.domain.content import Content


class ClientFrame(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type"):
    """Anything a client may send. Unknown fields are ignored; an unknown type is answered with `error`."""


class Request(ClientFrame, frozen=True, omit_defaults=True):
    """A frame that is answered: by the frame its docstring names, or by `error` with the same id."""

    id: str


class Change(Request, frozen=True, omit_defaults=True):
    """A write, answered by `ack`, later by the `message` that it became, by `duplicate` or by `failed`.

    `client_msg_id` makes it idempotent for seven days; `retry` says that it may have been sent before.
    """

    client_msg_id: str
    retry: bool = False


class Hello(ClientFrame, frozen=True, omit_defaults=True, tag="hello"):
    """Open the session: the first frame, and only the first. Answered by `welcome`.

    `cursors` holds per conversation the highest seq up to which the client has everything.
    """

    token: str
    device: str
    cursors: dict[str, int] = {}


class Authenticate(Request, frozen=True, omit_defaults=True, tag="authenticate"):
    """Renew the token in place; it must name the same user. Answered by `done`."""

    token: str


class Ping(Request, frozen=True, omit_defaults=True, tag="ping"):
    """Ask whether the server is there. Answered by `pong`."""


class Send(Change, frozen=True, omit_defaults=True, kw_only=True, tag="send"):
    """Say something in a conversation, or to a user, which opens the direct conversation with him."""

    content: Content
    conversation: str | None = None
    to: str | None = None


class Edit(Change, frozen=True, omit_defaults=True, kw_only=True, tag="edit"):
    """Replace the content of one's own message."""

    conversation: str
    seq: int
    content: Content


class Delete(Change, frozen=True, omit_defaults=True, kw_only=True, tag="delete"):
    """Turn a message into a tombstone."""

    conversation: str
    seq: int


class React(Change, frozen=True, omit_defaults=True, kw_only=True, tag="react"):
    """Set an emoji on a message, or take it back."""

    conversation: str
    seq: int
    emoji: str
    removed: bool = False


class CreateGroup(Change, frozen=True, omit_defaults=True, kw_only=True, tag="create_group"):
    """Open a group with its first members; the ack names the conversation."""

    title: str
    members: tuple[str, ...] = ()
    open_history: bool = False


class ChangeSettings(Change, frozen=True, omit_defaults=True, kw_only=True, tag="change_settings"):
    """Rename a group, or open its history to newer members."""

    conversation: str
    title: str | None = None
    open_history: bool | None = None


class AddMembers(Change, frozen=True, omit_defaults=True, kw_only=True, tag="add_members"):
    """Let users join a group."""

    conversation: str
    members: tuple[str, ...]


class RemoveMember(Change, frozen=True, omit_defaults=True, kw_only=True, tag="remove_member"):
    """End somebody's membership."""

    conversation: str
    user: str


class Leave(Change, frozen=True, omit_defaults=True, kw_only=True, tag="leave"):
    """End one's own membership."""

    conversation: str


class SetRole(Change, frozen=True, omit_defaults=True, kw_only=True, tag="set_role"):
    """Make a member owner, admin or member."""

    conversation: str
    user: str
    role: str


class Received(ClientFrame, frozen=True, omit_defaults=True, tag="received"):
    """Everything up to these seqs has reached this device: moves `delivered` and opens the flow window. No answer."""

    cursors: dict[str, int]


class Read(ClientFrame, frozen=True, omit_defaults=True, tag="read"):
    """The user has seen everything up to `seq`. No answer."""

    conversation: str
    seq: int


class Resume(Request, frozen=True, omit_defaults=True, tag="resume"):
    """Send the cursors again, after a `resync`. Answered by `resumed` with the conversations that changed."""

    cursors: dict[str, int]


class Sync(Request, frozen=True, omit_defaults=True, tag="sync"):
    """Ask for entries after or before a seq (exactly one of both); without either the newest. Answered by `page`."""

    conversation: str
    after: int | None = None
    before: int | None = None
    limit: int | None = None


class Conversations(Request, frozen=True, omit_defaults=True, tag="conversations"):
    """List one's conversations, in pages by an opaque token. Answered by `conversations`."""

    page_token: str | None = None
    limit: int | None = None


class Describe(Request, frozen=True, omit_defaults=True, tag="conversation"):
    """Ask what a conversation is. Answered by `conversations` with exactly one, without messages."""

    conversation: str


class Members(Request, frozen=True, omit_defaults=True, tag="members"):
    """List who is in a conversation. Answered by `members`."""

    conversation: str


class Receipts(Request, frozen=True, omit_defaults=True, tag="receipts"):
    """Ask how far everybody got; in large groups only how far oneself got. Answered by `receipt` with this id."""

    conversation: str


class ReadBy(Request, frozen=True, omit_defaults=True, tag="read_by"):
    """Ask who has received and who has read the message `seq`. Answered by `read_by`."""

    conversation: str
    seq: int


class Typing(ClientFrame, frozen=True, omit_defaults=True, tag="typing"):
    """Tell the others in a conversation that one is typing. Never stored; no answer."""

    conversation: str
    active: bool = True


class Watch(Request, frozen=True, omit_defaults=True, tag="watch"):
    """Follow the presence of exactly these users, instead of those followed before. Answered by `presence`."""

    users: tuple[str, ...]


class SetPrivacy(Request, frozen=True, omit_defaults=True, tag="set_privacy"):
    """Hide or show one's own presence to others. Answered by `done`."""

    hide_presence: bool


AnyClientFrame: TypeAlias = (
    Hello
    | Authenticate
    | Ping
    | Send
    | Edit
    | Delete
    | React
    | CreateGroup
    | ChangeSettings
    | AddMembers
    | RemoveMember
    | Leave
    | SetRole
    | Received
    | Read
    | Resume
    | Sync
    | Conversations
    | Describe
    | Members
    | Receipts
    | ReadBy
    | Typing
    | Watch
    | SetPrivacy
)

CHANGES: Final = (
    Send, Edit, Delete, React, CreateGroup, ChangeSettings, AddMembers, RemoveMember, Leave, SetRole,
)  # fmt: skip

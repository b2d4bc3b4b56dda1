"""What may be asked of a conversation: the records of the ingress log.

They are msgspec structs although they live in the domain, because a record is both the rule's input and the log's
wire form; a second definition would only have to be kept in step.
"""

from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from parley.domain.content import Content

RECORD_VERSION: Final = 1
"""A change of the fold is gated by this number, so that an old record folds as it did when it was written."""

LATE_MS: Final = 100
"""A record that was on its way for longer may have been overtaken by its own retry.

Its sender may have lost patience, or his gateway, and the retry may have come to the log over another path first. That
takes a new connection, which no sender makes more quickly.
"""


OVERTAKEN_MARGIN_MS: Final = 15_000
"""An attempt answers for a late, unmarked record only if it was appended after that was asked for, give or take this.

The margin allows for clocks that differ, or jump. It makes the rule one of log time alone.
"""


class Role(StrEnum):
    """What a member of a group may do; direct conversations have only members."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Body(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind"):
    """One wish for a conversation."""


class Post(Body, frozen=True, omit_defaults=True, tag="message"):
    """Say something. `peer` names the other user of a direct conversation, whose first record opens it."""

    content: Content
    peer: str | None = None


class Edit(Body, frozen=True, omit_defaults=True, tag="edit"):
    """Replace the text of one's own message."""

    target_seq: int
    content: Content


class Delete(Body, frozen=True, omit_defaults=True, tag="delete"):
    """Turn a message into a tombstone: one's own, or anybody's as an admin."""

    target_seq: int


class React(Body, frozen=True, omit_defaults=True, tag="reaction"):
    """Set or take back one emoji on a message."""

    target_seq: int
    emoji: str
    removed: bool = False


class CreateGroup(Body, frozen=True, omit_defaults=True, tag="created"):
    """Open a group: the sender becomes its owner."""

    title: str
    members: tuple[str, ...] = ()
    open_history: bool = False


class ChangeSettings(Body, frozen=True, omit_defaults=True, tag="settings"):
    """Rename a group, or open or close its old history to newer members; None leaves a setting as it is."""

    title: str | None = None
    open_history: bool | None = None


class AddMembers(Body, frozen=True, omit_defaults=True, tag="added"):
    """Let users join; who is a member already stays as he is."""

    members: tuple[str, ...]


class RemoveMember(Body, frozen=True, omit_defaults=True, tag="removed"):
    """End somebody's membership."""

    user: str


class Leave(Body, frozen=True, omit_defaults=True, tag="left"):
    """End one's own membership."""


class SetRole(Body, frozen=True, omit_defaults=True, tag="role"):
    """Make a member owner, admin or plain member."""

    user: str
    role: Role


AnyBody: TypeAlias = (
    Post | Edit | Delete | React | CreateGroup | ChangeSettings | AddMembers | RemoveMember | Leave | SetRole
)


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One accepted request, as `chat` wrote it to the log.

    `retry` is set when the sender says that it sends again, or when nobody can rule it out; with it the fold always
    looks for an earlier attempt. `asked_at` is when the request came to the platform, in ms; a record that stood in the
    log much later is treated like a retry (0: unknown, as in records from before there was this field). `trace` follows
    the message through every stage's log; `traceparent` is the W3C context of one that is traced, and decides nothing.
    """

    conversation: str
    sender: str
    client_msg_id: str
    body: AnyBody
    retry: bool = False
    device: str = ""
    trace: str = ""
    version: int = RECORD_VERSION
    asked_at: int = 0
    traceparent: str = ""


class LoggedRecord(msgspec.Struct, frozen=True):
    """A record together with its place in the log, of which the fold is a pure function. `appended_at` is in ms."""

    record: Record
    position: int
    appended_at: int
    message_id: int

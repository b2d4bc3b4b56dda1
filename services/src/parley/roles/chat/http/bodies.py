"""What requests of the HTTP API carry in their bodies. Unknown fields are ignored."""

import msgspec

from parley.domain.content import Content


class Body(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The body of a request."""


class ChangeBody(Body, frozen=True, omit_defaults=True, kw_only=True):
    """The body of a change: `client_msg_id`, or the header Idempotency-Key, makes a repeated request harmless."""

    client_msg_id: str | None = None


class NewGroup(ChangeBody, frozen=True, omit_defaults=True, kw_only=True):
    """A group with its first members; who creates it owns it."""

    title: str
    members: tuple[str, ...] = ()
    open_history: bool = False


class NewMessage(ChangeBody, frozen=True, omit_defaults=True, kw_only=True):
    """A message, or the new content of one."""

    content: Content


class NoDetails(ChangeBody, frozen=True, omit_defaults=True, kw_only=True):
    """A change that its path says all about."""


class GroupSettings(ChangeBody, frozen=True, omit_defaults=True, kw_only=True):
    """Settings to change; what is left out stays."""

    title: str | None = None
    open_history: bool | None = None


class NewMembers(ChangeBody, frozen=True, omit_defaults=True, kw_only=True):
    """Users to add."""

    members: tuple[str, ...]


class NewRole(ChangeBody, frozen=True, omit_defaults=True, kw_only=True):
    """The role a member gets: owner, admin or member."""

    role: str


class Mark(Body, frozen=True, omit_defaults=True, kw_only=True):
    """How far one got: everything up to these seqs is delivered, or read."""

    delivered: int = 0
    read: int = 0


class Privacy(Body, frozen=True, omit_defaults=True, kw_only=True):
    """Whether others may see one's presence."""

    hide_presence: bool


class TokenRequest(Body, frozen=True, omit_defaults=True, kw_only=True):
    """Who wants a development token."""

    user: str


class MintedToken(Body, frozen=True, omit_defaults=True, kw_only=True):
    """A token that only a development server gives out."""

    token: str
    warning: str

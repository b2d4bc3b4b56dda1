"""What a record that takes a seq changes beside its own entry: members, settings, targets, reactions."""

import msgspec
from msgspec.structs import replace

from parley.domain.content import Content
from parley.domain.conversation import Conversation
from parley.domain.entries import Change, Reaction, Settings, Span
from parley.domain.records import (
    AddMembers,
    ChangeSettings,
    CreateGroup,
    Delete,
    Edit,
    Leave,
    Post,
    React,
    Record,
    RemoveMember,
    Role,
    SetRole,
)


class TargetEdited(msgspec.Struct, frozen=True):
    """The target's row gets new content. `seq` is the edit's entry, `edited_at` its time in ms."""

    target_seq: int
    seq: int
    edited_at: int
    content: Content


class TargetDeleted(msgspec.Struct, frozen=True):
    """The target's row loses its content for good, and its reactions; `seq` is the deletion's entry."""

    target_seq: int
    seq: int


class Effects(msgspec.Struct, frozen=True):
    """The state after the record (but for its head), the entry's detail, and the rows to write."""

    state: Conversation
    change: Change | None = None
    spans: tuple[Span, ...] = ()
    settings: Settings | None = None
    reaction: Reaction | None = None
    edited: TargetEdited | None = None
    deleted: TargetDeleted | None = None


def open_direct(state: Conversation, sender: str, peer: str) -> tuple[Conversation, tuple[Span, ...], Settings]:
    """Make both users members from the first entry on, which is the one about to be sequenced."""
    spans = tuple(Span(user, 1, Role.MEMBER, 1) for user in sorted({sender, peer}))
    settings = Settings(from_seq=1, group=False)
    return replace(state.opened(*spans), settings=settings), spans, settings


def apply_body(  # noqa: C901, PLR0911 - one case per kind of record, each a single call
    state: Conversation, record: Record, seq: int, at_ms: int
) -> Effects | None:
    """Apply a permitted record at `seq`; None when it would change nothing at all."""
    body = record.body
    match body:
        case Post():
            return _post(state, record, body)
        case Edit():
            return Effects(state, edited=TargetEdited(body.target_seq, seq, at_ms, body.content))
        case Delete():
            return Effects(state, deleted=TargetDeleted(body.target_seq, seq))
        case React():
            reaction = Reaction(body.target_seq, record.sender, body.emoji, seq, removed=body.removed)
            return Effects(state, Change(emoji=body.emoji, removed=body.removed), reaction=reaction)
        case CreateGroup():
            return _create(state, record.sender, body, seq)
        case ChangeSettings():
            return _change_settings(state, body, seq)
        case AddMembers():
            return _add(state, body, seq)
        case RemoveMember():
            return _end(state, body.user, seq, Change(members=(body.user,)))
        case Leave():
            return _end(state, record.sender, seq, None)
        case SetRole():
            return _set_role(state, body, seq)


def _post(state: Conversation, record: Record, body: Post) -> Effects:
    if state.settings is not None or body.peer is None:
        return Effects(state)
    opened, spans, settings = open_direct(state, record.sender, body.peer)
    return Effects(opened, spans=spans, settings=settings)


def _create(state: Conversation, creator: str, body: CreateGroup, seq: int) -> Effects:
    others = tuple(sorted(set(body.members) - {creator}))
    spans = (Span(creator, seq, Role.OWNER, seq), *(Span(user, seq, Role.MEMBER, seq) for user in others))
    settings = Settings(from_seq=seq, group=True, title=body.title, open_history=body.open_history)
    change = Change(members=others, title=body.title, open_history=body.open_history)
    return Effects(replace(state.opened(*spans), settings=settings), change, spans, settings)


def _change_settings(state: Conversation, body: ChangeSettings, seq: int) -> Effects:
    old = state.settings or Settings(seq, group=True)
    settings = Settings(
        from_seq=seq,
        group=old.group,
        title=old.title if body.title is None else body.title,
        open_history=old.open_history if body.open_history is None else body.open_history,
    )
    change = Change(title=body.title, open_history=body.open_history)
    return Effects(replace(state, settings=settings), change, settings=settings)


def _add(state: Conversation, body: AddMembers, seq: int) -> Effects | None:
    joining = tuple(sorted(set(body.members) - state.members.keys()))
    if not joining:
        return None
    spans = tuple(Span(user, seq, Role.MEMBER, seq) for user in joining)
    return Effects(state.opened(*spans), Change(members=joining), spans)


def _end(state: Conversation, user: str, seq: int, change: Change | None) -> Effects:
    held = state.members[user]
    ended = Span(user, held.from_seq, held.role, held.joined_seq, to_seq=seq)
    return Effects(state.closed(ended), change, (ended,))


def _set_role(state: Conversation, body: SetRole, seq: int) -> Effects:
    held = state.members[body.user]
    ended = Span(body.user, held.from_seq, held.role, held.joined_seq, to_seq=seq)
    opened = Span(body.user, seq, body.role, held.joined_seq)
    state = state.closed(ended).opened(opened)
    return Effects(state, Change(members=(body.user,), role=body.role), (ended, opened))

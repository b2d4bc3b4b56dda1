"""Stored entries as clients see them; the one place that decides what a reader is shown of an entry."""

from collections.abc import Iterable

from parley.domain.content import Content
from parley.domain.entries import Change, Entry, Reaction
from parley.protocol.codec import rfc3339
from parley.protocol.views import EntryView, ReactionView

_NOTHING = Change()


def entry_view(
    entry: Entry, *, content: Content | None = None, reactions: Iterable[Reaction] = (), redacted: bool = False
) -> EntryView:
    """Show an entry. `content` is the target's text for the entry of an edit, which holds none itself.

    A redacted entry says, or speaks of, what this reader may not see: of it only the place in the order is shown.
    A deleted message shows neither text nor reactions.
    """
    gone = redacted or entry.deleted_seq is not None
    change = _NOTHING if redacted or entry.change is None else entry.change
    return EntryView(
        seq=entry.seq,
        kind=entry.kind,
        sender=entry.sender,
        message_id=str(entry.message_id),
        client_msg_id=entry.client_msg_id,
        created_at=rfc3339(entry.created_at),
        messages=entry.messages,
        content=None if gone else content or entry.content,
        target_seq=None if redacted else entry.target_seq,
        members=change.members,
        role=change.role,
        title=change.title,
        open_history=change.open_history,
        emoji=change.emoji,
        removed=change.removed,
        edited_seq=None if redacted else entry.edited_seq,
        edited_at=None if redacted or entry.edited_at is None else rfc3339(entry.edited_at),
        deleted_seq=entry.deleted_seq,
        reactions=() if gone else tuple(ReactionView(r.user, r.emoji, r.seq) for r in reactions if not r.removed),
        redacted=redacted,
    )

"""Entries of a conversation as one reader may see them, with the text of edits and what is hidden left out."""

import asyncio
from collections.abc import Mapping, Sequence

from parley.domain.entries import Entry
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.limits import Limits
from parley.domain.membership import can_see
from parley.domain.paging import MissingRange, hidden_within, visible_within, window_after, window_before
from parley.ports.conversation_store import ConversationReader, Slice
from parley.protocol.client_frames import Sync
from parley.protocol.projection import entry_view
from parley.protocol.server_frames import Page
from parley.protocol.views import EntryView, Gap
from parley.roles.chat.changes import check_seq
from parley.roles.chat.membership_view import MembershipView, Seen


class EntryPages:
    """Reads ranges of entries; everything is clipped to the head and to the reader's membership (G3, G7)."""

    def __init__(self, reader: ConversationReader, view: MembershipView, limits: Limits) -> None:
        """Nothing is read yet."""
        self._reader = reader
        self._view = view
        self._limits = limits

    async def page(self, user: str, asked: Sync) -> Page:
        """Answer a `sync`: entries after or before a seq, or the newest."""
        limit = check_limit(asked.limit, self._limits)
        if asked.after is not None and asked.before is not None:
            text = f"both after ({asked.after}) and before ({asked.before}) are given; name one of them, or neither"
            raise ParleyError(ErrorCode.INVALID_FIELD, text, field="after")
        seen = await self._view.seen(user, asked.conversation)
        if asked.after is not None:
            window = window_after(check_seq(asked.after, "after", 0), seen.visible, limit)
        else:
            before = check_seq(seen.end + 1 if asked.before is None else asked.before, "before")
            window = window_before(min(before, seen.end + 1), seen.visible, limit)
        return Page(
            id=asked.id,
            conversation=seen.conversation,
            head=seen.end,
            first=window.first,
            last=window.last,
            messages=await self.entries(seen, window.first, window.last),
            gaps=gaps_of(hidden_within(window.first, window.last, seen.visible)),
            more=window.more,
        )

    async def entries(self, seen: Seen, first: int, last: int) -> tuple[EntryView, ...]:
        """The visible entries of a range, in ascending seq."""
        ranges = visible_within(first, last, seen.visible)
        slices = await asyncio.gather(*(self._reader.slice(seen.conversation, low, high) for low, high in ranges))
        entries = [entry for part in slices for entry in part.entries]
        targets = await self._targets(seen, entries)
        return tuple(_view(entry, seen, slices, targets) for entry in entries)

    async def _targets(self, seen: Seen, entries: Sequence[Entry]) -> dict[int, Entry]:
        """Visible targets of edits: entries of edits hold no text of their own, it is what their target says now."""
        edits = (entry.target_seq for entry in entries if entry.kind == "edit" and entry.target_seq is not None)
        targets = {seq for seq in edits if can_see(seen.visible, seq)}
        known = {entry.seq: entry for entry in entries if entry.seq in targets}
        missing = sorted(targets - known.keys())
        if missing:
            known |= await self._reader.entries(seen.conversation, missing)
        return known


def gaps_of(missing: Sequence[MissingRange]) -> tuple[Gap, ...]:
    """Missing ranges as the protocol names them."""
    return tuple(Gap(part.first, part.last, part.closed) for part in missing)


def check_limit(limit: int | None, limits: Limits) -> int:
    """The page size that was asked for, or the default."""
    if limit is None:
        return limits.page_default
    if 1 <= limit <= limits.page_maximum:
        return limit
    text = f"limit is {limit}; allowed are 1 to {limits.page_maximum}"
    raise ParleyError(ErrorCode.INVALID_FIELD, text, field="limit")


def _view(entry: Entry, seen: Seen, slices: Sequence[Slice], targets: Mapping[int, Entry]) -> EntryView:
    speaks_of_hidden = entry.target_seq is not None and not can_see(seen.visible, entry.target_seq)
    target = targets.get(entry.target_seq or 0) if entry.kind == "edit" else None
    hidden = speaks_of_hidden or _says_hidden(entry, seen) or (target is not None and _says_hidden(target, seen))
    reactions = next((part.reactions[entry.seq] for part in slices if entry.seq in part.reactions), ())
    return entry_view(
        entry,
        content=target.content if target is not None and target.deleted_seq is None else None,
        reactions=[reaction for reaction in reactions if seen.sees(reaction.seq)],
        redacted=hidden,
    )


def _says_hidden(entry: Entry, seen: Seen) -> bool:
    """Whether the text was written while this reader was no member: the store keeps the newest text only."""
    return entry.deleted_seq is None and entry.edited_seq is not None and not seen.sees(entry.edited_seq)

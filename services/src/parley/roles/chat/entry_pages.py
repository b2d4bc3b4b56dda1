"""Entries of a conversation as one reader may see them, with the text of edits and what is hidden left out."""

import asyncio
from collections.abc import Sequence

from parley.domain.content import Content
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
            window = window_after(_at_least(asked.after, 0, "after"), seen.visible, limit)
        else:
            before = seen.end + 1 if asked.before is None else _at_least(asked.before, 1, "before")
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
        texts = await self._texts(seen, entries)
        return tuple(_view(entry, seen, slices, texts) for entry in entries)

    async def _texts(self, seen: Seen, entries: Sequence[Entry]) -> dict[int, Content]:
        """What targets of edits say now: entries of edits hold no text of their own."""
        edits = (entry.target_seq for entry in entries if entry.kind == "edit" and entry.target_seq is not None)
        targets = {seq for seq in edits if can_see(seen.visible, seq)}
        known = {entry.seq: entry for entry in entries if entry.seq in targets}
        missing = sorted(targets - known.keys())
        if missing:
            known |= await self._reader.entries(seen.conversation, missing)
        return {seq: entry.content for seq, entry in known.items() if entry.content and entry.deleted_seq is None}


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


def _view(entry: Entry, seen: Seen, slices: Sequence[Slice], texts: dict[int, Content]) -> EntryView:
    target = entry.target_seq
    hidden = target is not None and not can_see(seen.visible, target)
    reactions = next((part.reactions[entry.seq] for part in slices if entry.seq in part.reactions), ())
    return entry_view(entry, content=texts.get(target or 0), reactions=reactions, redacted=hidden)


def _at_least(value: int, least: int, field: str) -> int:
    if value >= least:
        return value
    raise ParleyError(ErrorCode.INVALID_FIELD, f"{field} is {value}; allowed is {least} or more", field=field)

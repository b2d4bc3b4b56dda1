"""Entries of a conversation as people see them: messages with their edits, deletions and reactions folded in. Pure.

Rows of a page already carry what happened to them; entries that were pushed later change them further. So every
change is held, and applied again over whatever row comes: the newest edit wins, a deletion is for good, and of each
user's word on an emoji the newest counts. That gives the same result in whatever order rows and changes arrive.
"""

from dataclasses import dataclass, field
from typing import Final

from parley.domain.content import Content
from parley.protocol.views import EntryView

CHANGES: Final = frozenset({"edit", "delete", "reaction"})


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as it is now; `reactions` are (emoji, user) in the order in which they were set."""

    seq: int
    sender: str
    content: Content | None
    edited_seq: int | None
    deleted: bool
    reactions: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Timeline:
    """Holds entries from `low` on; older ones come by paging back."""

    low: int = 1
    has_older: bool = False
    rows: dict[int, EntryView] = field(default_factory=dict)
    _changes: dict[int, dict[int, EntryView]] = field(default_factory=dict)

    def reset(self, low: int, *, has_older: bool) -> None:
        """Begin again at a seq: between it and what was held there is a hole."""
        self.rows.clear()
        self._changes.clear()
        self.low, self.has_older = low, has_older

    def hold(self, entry: EntryView) -> None:
        """Take an entry, pushed or paged; again is harmless."""
        self.rows.setdefault(entry.seq, entry)
        if entry.kind in CHANGES and entry.target_seq is not None and not entry.redacted:
            self._changes.setdefault(entry.target_seq, {})[entry.seq] = entry

    def hold_older(self, entries: tuple[EntryView, ...], first: int, *, more: bool) -> None:
        """Take a page of what is older."""
        for entry in entries:
            self.hold(entry)
        self.low = min(self.low, first)
        self.has_older = more

    def messages(self) -> list[ShownMessage]:
        """Every message that is held, as it is now, in order."""
        return [self._shown(row) for _, row in sorted(self.rows.items()) if row.kind == "message"]

    def _shown(self, row: EntryView) -> ShownMessage:
        content, edited = row.content, row.edited_seq or 0
        deleted = row.deleted_seq is not None
        words = {(r.emoji, r.user): (r.seq, True) for r in row.reactions}
        for seq, change in sorted(self._changes.get(row.seq, {}).items()):
            if change.kind == "delete":
                deleted = True
            elif change.kind == "edit" and seq > edited and change.content is not None:
                content, edited = change.content, seq
            elif change.kind == "reaction" and seq > words.get((change.emoji or "", change.sender), (0, False))[0]:
                words[change.emoji or "", change.sender] = (seq, not change.removed)
        set_now = sorted((seq, key) for key, (seq, is_set) in words.items() if is_set)
        return ShownMessage(
            row.seq,
            row.sender,
            None if deleted else content,
            None if deleted else edited or None,
            deleted,
            () if deleted else tuple(key for _, key in set_now),
        )

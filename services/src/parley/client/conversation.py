"""What a client knows of one conversation. Pure: frames go in, what is new comes out."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from parley.protocol.server_frames import Page
from parley.protocol.views import ConversationView, EntryView, Watermark

PARKED_ENTRIES: Final = 1_000
_NOT_REACHED: Final = Watermark()


class Push(Enum):
    """What a pushed entry was: known already, applied, or ahead of entries that are missing."""

    KNOWN = "known"
    APPLIED = "applied"
    AHEAD = "ahead"


@dataclass(slots=True)
class ConversationState:
    """Everything up to `cursor` was seen; entries beyond a hole are parked until it is filled."""

    id: str
    user: str
    cursor: int = 0
    visible: int = 0
    begun: bool = False
    view: ConversationView | None = None
    read: int = 0
    delivered: int = 0
    unread: int = 0
    watermarks: dict[str, Watermark] = field(default_factory=dict)
    parked: dict[int, EntryView] = field(default_factory=dict)

    def describe(self, view: ConversationView) -> None:
        """Take a view: what only moves forward moves forward."""
        self.view = view
        self.visible = max(self.visible, view.visible)
        self.read = max(self.read, view.read)
        self.delivered = max(self.delivered, view.delivered)
        self.unread = 0 if self.read >= self.visible else view.unread
        self.mark(view.watermarks)

    def begin_at(self, cursor: int) -> None:
        """Everything up to `cursor` is of no interest."""
        self.cursor = max(self.cursor, cursor)
        self.begun = True

    def push(self, entry: EntryView) -> tuple[Push, list[EntryView]]:
        """Take a pushed entry; returns what it was, and the entries that are new now, in order."""
        if self.begun and entry.seq <= self.cursor:
            return Push.KNOWN, []
        self.visible = max(self.visible, entry.seq)
        if not self.begun and _begins(entry, self.user):
            self.begin_at(entry.seq - 1)
        if not self.begun or entry.seq > self.cursor + 1:
            if len(self.parked) < PARKED_ENTRIES:
                self.parked[entry.seq] = entry
            return Push.AHEAD, []
        return Push.APPLIED, [self._apply(entry), *self._unpark()]

    def take_after(self, page: Page) -> list[EntryView]:
        """Take the page after the cursor; returns what is new, in order."""
        fresh = [self._apply(entry) for entry in page.messages if entry.seq > self.cursor]
        self.begin_at(page.last)
        self.visible = max(self.visible, page.head)
        return [*fresh, *self._unpark()]

    def take_newest(self, view: ConversationView) -> list[EntryView]:
        """Take the newest entries of a view, and step over whatever of the conversation is not among them."""
        fresh = [self._apply(entry) for entry in view.messages if entry.seq > self.cursor]
        self.begin_at(view.visible)
        return [*fresh, *self._unpark()]

    def mark(self, watermarks: dict[str, Watermark]) -> None:
        """Raise marks; one's own come from other devices."""
        for user, mark in watermarks.items():
            if user == self.user:
                self.delivered = max(self.delivered, mark.delivered)
                self.read_up_to(mark.read)
                continue
            known = self.watermarks.get(user, _NOT_REACHED)
            read = max(known.read, mark.read)
            self.watermarks[user] = Watermark(max(known.delivered, mark.delivered, read), read)

    def read_up_to(self, seq: int) -> None:
        """Raise one's own read mark."""
        if seq > self.read:
            self.read = seq
            if seq >= self.visible:
                self.unread = 0

    def _apply(self, entry: EntryView) -> EntryView:
        self.cursor = entry.seq
        self.begun = True
        self.visible = max(self.visible, entry.seq)
        if entry.kind == "message" and entry.sender != self.user and entry.seq > self.read:
            self.unread += 1
        return entry

    def _unpark(self) -> list[EntryView]:
        fresh = []
        while (entry := self.parked.pop(self.cursor + 1, None)) is not None:
            fresh.append(self._apply(entry))
        self.parked = {seq: entry for seq, entry in self.parked.items() if seq > self.cursor}
        return fresh


def _begins(entry: EntryView, user: str) -> bool:
    """Whether this entry is the first one that this user may see."""
    return entry.seq == 1 or (entry.kind in {"created", "added"} and user in entry.members)

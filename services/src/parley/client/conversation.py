"""What a client knows of one conversation. Pure: frames go in, what is new comes out."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from parley.client.timeline import Timeline
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
    """Everything up to `cursor` was seen or passed over; entries beyond a hole are parked until it is filled.

    `unread` speaks of everything up to `counted`: a view brings the count of entries that are still to come.
    """

    id: str
    user: str
    cursor: int = 0
    visible: int = 0
    begun: bool = False
    view: ConversationView | None = None
    read: int = 0
    unread: int = 0
    counted: int = 0
    own_seq: int = 0
    watermarks: dict[str, Watermark] = field(default_factory=dict)
    parked: dict[int, EntryView] = field(default_factory=dict)
    timeline: Timeline | None = None

    def describe(self, view: ConversationView) -> None:
        """Take a view: what only moves forward moves forward."""
        self.view = view
        self.visible = max(self.visible, view.visible)
        self.read = max(self.read, view.read)
        if view.visible >= self.counted:
            self.unread, self.counted = view.unread, view.visible
        if self.read >= self.visible:
            self.unread = 0
        self.mark(view.watermarks)

    def begin_at(self, cursor: int) -> None:
        """Everything up to `cursor` is of no interest, or was told already."""
        if not self.begun and self.timeline is not None:
            self.timeline.reset(cursor + 1, has_older=cursor > 0)
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
        if not self.begun:
            self.begin_at(page.first - 1)
        return self._take(page.messages, page.last, page.head)

    def take_newest(self, view: ConversationView) -> list[EntryView]:
        """Take the newest entries, and pass over whatever lies in an open gap before them."""
        if not self.begun or any(not gap.closed for gap in view.gaps):
            first = view.messages[0].seq if view.messages else view.visible + 1
            self.pass_over(first, older=first > 1)
        return self._take(view.messages, view.visible, view.visible)

    def take_newest_page(self, page: Page) -> list[EntryView]:
        """Take the newest page after having been away for long."""
        self.pass_over(page.first, older=page.more)
        return self._take(page.messages, page.last, page.head)

    def pass_over(self, first: int, *, older: bool) -> None:
        """Go on at a seq; what is before it is asked for when somebody wants it."""
        if self.timeline is not None:
            self.timeline.reset(first, has_older=older)
        self.cursor = max(self.cursor, first - 1)
        self.begun = True

    def mark(self, watermarks: dict[str, Watermark]) -> None:
        """Raise marks; one's own come from other devices."""
        for user, mark in watermarks.items():
            if user == self.user:
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

    def waits_for_marks(self) -> bool:
        """Whether marks matter that may have moved while there was no connection."""
        if self.unread > 0:
            return True
        reached = [mark for mark in self.watermarks.values() if mark.read >= self.own_seq]
        return self.own_seq > 0 and len(reached) < max(1, (self.view.member_count if self.view else 2) - 1)

    def _take(self, entries: tuple[EntryView, ...], last: int, head: int) -> list[EntryView]:
        fresh = [self._apply(entry) for entry in entries if entry.seq > self.cursor]
        self.cursor = max(self.cursor, last)
        self.visible = max(self.visible, head)
        return [*fresh, *self._unpark()]

    def _apply(self, entry: EntryView) -> EntryView:
        self.cursor = entry.seq
        self.visible = max(self.visible, entry.seq)
        if self.timeline is not None:
            self.timeline.hold(entry)
        if entry.kind == "message" and entry.sender == self.user:
            self.own_seq = max(self.own_seq, entry.seq)
        elif entry.kind == "message" and entry.seq > max(self.read, self.counted):
            self.unread += 1
        self.counted = max(self.counted, entry.seq)
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

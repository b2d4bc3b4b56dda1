"""A small server as the SDK's tests need it: one conversation's log, and answers computed from it as it is now."""

from dataclasses import dataclass, field

import msgspec

from parley.domain.content import Content
from parley.protocol.codec import rfc3339
from parley.protocol.server_frames import Page
from parley.protocol.views import ConversationView, EntryView, Gap, ReactionView

CONVERSATION = "3455e7d0-b693-5b45-be3a-88cafd3dd899"
BEGAN = 1_800_000_000_000


@dataclass
class ModelServer:
    """Everything that happened, in order; rows of answers carry what happened to them since."""

    log: list[EntryView] = field(default_factory=list)

    @property
    def head(self) -> int:
        """The newest seq."""
        return len(self.log)

    def append(self, kind: str, sender: str, *, key: str = "", target: int | None = None, text: str = "") -> EntryView:
        """Give something the next seq, as it is pushed."""
        seq = self.head + 1
        entry = EntryView(
            seq=seq,
            kind=kind,
            sender=sender,
            message_id=str(seq * 1000),
            client_msg_id=key or f"key-{seq}",
            created_at=rfc3339(BEGAN + seq * 1000),
            messages=sum(e.kind == "message" for e in self.log) + (kind == "message"),
            content=Content(text) if kind in {"message", "edit"} else None,
            target_seq=target,
            emoji=text.lstrip("-") if kind == "reaction" else None,
            removed=kind == "reaction" and text.startswith("-"),
        )
        self.log.append(entry)
        return entry

    def row(self, seq: int) -> EntryView:
        """A row of an answer: messages with their edits, deletion and reactions, edits with what their target says."""
        entry = self.log[seq - 1]
        if entry.kind == "edit" and entry.target_seq is not None:
            return msgspec.structs.replace(entry, content=self.row(entry.target_seq).content)
        if entry.kind != "message":
            return entry
        for change in self.log:
            if change.target_seq == seq:
                entry = _changed(entry, change)
        return entry

    def page(self, identifier: str, *, after: int | None = None, before: int | None = None, limit: int = 200) -> Page:
        """A page after or before a seq; the newest without either."""
        if after is not None:
            first, last = after + 1, min(after + limit, self.head)
            return self._page(identifier, first, last, more=last < self.head)
        last = self.head if before is None else min(before - 1, self.head)
        first = max(1, last - limit + 1)
        return self._page(identifier, first, last, more=first > 1)

    def view(self, cursor: int, limit: int) -> ConversationView:
        """The conversation after a cursor: the newest entries, and a gap for what is left out."""
        first = max(cursor + 1, self.head - limit + 1)
        gaps = (Gap(cursor + 1, first - 1),) if first > cursor + 1 else ()
        rows = tuple(self.row(seq) for seq in range(first, self.head + 1))
        return ConversationView(
            CONVERSATION, "direct", self.head, self.head, peer="bob", member_count=2, messages=rows, gaps=gaps
        )

    def _page(self, identifier: str, first: int, last: int, *, more: bool) -> Page:
        rows = tuple(self.row(seq) for seq in range(first, last + 1))
        return Page(identifier, CONVERSATION, self.head, first, last, rows, more=more)


def _changed(entry: EntryView, change: EntryView) -> EntryView:
    if change.kind == "delete":
        return msgspec.structs.replace(entry, content=None, deleted_seq=change.seq, reactions=())
    if entry.deleted_seq is not None:
        return entry
    if change.kind == "edit":
        return msgspec.structs.replace(
            entry, content=change.content, edited_seq=change.seq, edited_at=change.created_at
        )
    others = tuple(r for r in entry.reactions if (r.user, r.emoji) != (change.sender, change.emoji))
    if not change.removed:
        others = (*others, ReactionView(change.sender, change.emoji or "", change.seq))
    return msgspec.structs.replace(entry, reactions=others)

"""The state that one conversation's records are folded into, exactly as of its head."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from parley.domain.entries import Head, Settings, Span
from parley.domain.membership import Membership, can_see, merge_ranges


class Conversation(msgspec.Struct, frozen=True):
    """Head, members and settings as of the head; `ended` holds stretches of membership that are over, by user."""

    head: Head = msgspec.field(default_factory=Head)
    members: Mapping[str, Span] = msgspec.field(default_factory=dict)
    ended: Mapping[str, tuple[Span, ...]] = msgspec.field(default_factory=dict)
    settings: Settings | None = None

    def sees(self, user: str, seq: int) -> bool:
        """Whether a user may see an entry that exists already."""
        if not 1 <= seq <= self.head.seq:
            return False
        current = self.members.get(user)
        if current and self.settings and self.settings.open_history:
            return True
        ranges = [(span.joined_seq, span.to_seq or 0) for span in self.ended.get(user, ())]
        if current:
            ranges.append((current.joined_seq, self.head.seq))
        return can_see(merge_ranges(ranges), seq)

    def opened(self, *spans: Span) -> "Conversation":
        """Add members, or give members a new role."""
        return replace(self, members={**self.members, **{span.user: span for span in spans}})

    def closed(self, span: Span) -> "Conversation":
        """End a membership with a span that has its `to_seq`."""
        members = {user: held for user, held in self.members.items() if user != span.user}
        ended = {**self.ended, span.user: (*self.ended.get(span.user, ()), span)}
        return replace(self, members=members, ended=ended)


def conversation_at(head: Head, membership: Membership) -> Conversation:
    """Take the state as of the head out of stored membership, which may be ahead of the head."""
    members = membership.current(head.seq)
    ended: dict[str, tuple[Span, ...]] = {}
    for span in membership.spans:
        if span.to_seq is not None and span.to_seq <= head.seq:
            ended[span.user] = (*ended.get(span.user, ()), span)
    return Conversation(head, members, ended, membership.settings_at(head.seq))

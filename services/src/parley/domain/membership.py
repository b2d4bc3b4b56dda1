"""Who may see what: membership as spans of seq (promise G7)."""

from collections.abc import Iterable
from typing import Final

import msgspec

from parley.domain.entries import Settings, Span

FOREVER: Final = (1 << 62) - 1


class Membership(msgspec.Struct, frozen=True):
    """All spans and settings of a conversation, as far as they are stored: possibly beyond the head.

    Writes of membership come before the head that makes them true, so every reader asks as of a seq.
    """

    spans: tuple[Span, ...] = ()
    settings: tuple[Settings, ...] = ()

    def current(self, head_seq: int) -> dict[str, Span]:
        """Members as of a head: who acts on the conversation after `head_seq` must be one of them."""
        return {s.user: _as_of(s, head_seq) for s in self.spans if _holds(s, head_seq)}

    def settings_at(self, head_seq: int) -> Settings | None:
        """Settings as of a head; None before the conversation began."""
        known = [s for s in self.settings if s.from_seq <= head_seq]
        return max(known, key=lambda s: s.from_seq) if known else None

    def recipients(self, seq: int) -> frozenset[str]:
        """Users who see the entry `seq`: also the one whom this very entry removes."""
        return frozenset(s.user for s in self.spans if s.from_seq <= seq <= (FOREVER if s.to_seq is None else s.to_seq))

    def visible(self, user: str, head_seq: int) -> tuple[tuple[int, int], ...]:
        """Ranges of seq that a user may read, ascending and disjoint, clipped to the head.

        An open history shows everything from the beginning to those who are members now.
        """
        spans = [_as_of(s, head_seq) for s in self.spans if s.user == user and s.from_seq <= head_seq]
        ranges = merge_ranges((s.joined_seq, head_seq if s.to_seq is None else s.to_seq) for s in spans)
        settings = self.settings_at(head_seq)
        if settings and settings.open_history and any(s.to_seq is None for s in spans):
            return ((1, head_seq),)
        return ranges


def can_see(ranges: Iterable[tuple[int, int]], seq: int) -> bool:
    """Tell whether a seq lies in one of the ranges."""
    return any(first <= seq <= last for first, last in ranges)


def merge_ranges(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join overlapping and adjacent ranges; drop empty ones."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(r for r in ranges if r[0] <= r[1]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _holds(span: Span, head_seq: int) -> bool:
    return span.from_seq <= head_seq and (span.to_seq is None or span.to_seq > head_seq)


def _as_of(span: Span, head_seq: int) -> Span:
    """Forget an end that lies beyond the head: it has not happened yet."""
    if span.to_seq is not None and span.to_seq > head_seq:
        return Span(span.user, span.from_seq, span.role, span.joined_seq)
    return span

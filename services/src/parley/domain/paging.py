"""Which seqs an answer speaks of, and what of them a reader may see (promises G3 and G7)."""

from collections.abc import Sequence
from dataclasses import dataclass

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """The range `first` to `last` of an answer; empty when first > last. `more`: it goes on in the asked direction."""

    first: int
    last: int
    more: bool


@dataclass(frozen=True, slots=True)
class MissingRange:
    """Seqs that are not in an answer; `closed`: their reader may never see them."""

    first: int
    last: int
    closed: bool


def window_after(after: int, visible: Sequence[Range], limit: int) -> Window:
    """The next seqs after a cursor, up to `limit` of those that are visible; hidden ones between are stepped over."""
    end = visible[-1][1] if visible else 0
    first, last, room = after + 1, after, limit
    for low, high in visible:
        start = max(low, first)
        if start > high:
            continue
        taken = min(high - start + 1, room)
        last, room = start + taken - 1, room - taken
        if room == 0:
            break
    return Window(first, last, more=last < end)


def window_before(before: int, visible: Sequence[Range], limit: int) -> Window:
    """The `limit` visible seqs just before a seq; the range begins with the oldest of them."""
    first, room = before, limit
    for low, high in reversed(visible):
        end = min(high, before - 1)
        if end < low:
            continue
        taken = min(end - low + 1, room)
        first, room = end - taken + 1, room - taken
        if room == 0:
            break
    begins = visible[0][0] if visible else before
    return Window(first, before - 1, more=first > begins)


def visible_within(first: int, last: int, visible: Sequence[Range]) -> list[Range]:
    """The visible parts of a range."""
    return [(max(first, low), min(last, high)) for low, high in visible if max(first, low) <= min(last, high)]


def hidden_within(first: int, last: int, visible: Sequence[Range]) -> list[MissingRange]:
    """The parts of a range that its reader may never see."""
    missing, next_seq = [], first
    for low, high in visible_within(first, last, visible):
        if next_seq < low:
            missing.append(MissingRange(next_seq, low - 1, closed=True))
        next_seq = high + 1
    if next_seq <= last:
        missing.append(MissingRange(next_seq, last, closed=True))
    return missing


def newest_after(cursor: int, visible: Sequence[Range], limit: int) -> tuple[Window, list[MissingRange]]:
    """The newest `limit` visible seqs after a cursor, and every seq between cursor and them that is left out."""
    if not visible or visible[-1][1] <= cursor:
        return Window(cursor + 1, cursor, more=False), []
    end = visible[-1][1]
    window = window_before(end + 1, visible, limit)
    first = max(window.first, cursor + 1)
    missing: list[MissingRange] = []
    next_seq = cursor + 1
    for low, high in visible_within(cursor + 1, first - 1, visible):
        if next_seq < low:
            missing.append(MissingRange(next_seq, low - 1, closed=True))
        missing.append(MissingRange(low, high, closed=False))
        next_seq = high + 1
    if next_seq < first:
        missing.append(MissingRange(next_seq, first - 1, closed=True))
    return Window(first, end, more=first > cursor + 1), [*missing, *hidden_within(first, end, visible)]

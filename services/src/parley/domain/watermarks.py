"""How far users got: only ever forward, and never beyond what they may see."""

from collections.abc import Iterable


def highest_visible(ranges: Iterable[tuple[int, int]], mark: int) -> int:
    """Clip a mark to visible ranges of seq, which end at the head: the last seq in them that is not above it, or 0.

    Without it one huge `read` would stand for ever, since marks never go back.
    """
    return max((min(last, mark) for first, last in ranges if first <= mark), default=0)


def count_at_least(marks: Iterable[int], seq: int) -> int:
    """How many of the marks reached a seq."""
    return sum(mark >= seq for mark in marks)

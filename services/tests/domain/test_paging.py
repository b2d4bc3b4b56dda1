"""G3 and G7: every seq of an answer's range is either shown or named as missing, and nothing hidden is shown."""

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.membership import can_see, merge_ranges
from parley.domain.paging import (
    MissingRange,
    hidden_within,
    newest_after,
    visible_within,
    window_after,
    window_before,
)

visible_ranges = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=4).map(merge_ranges)
Ranges = tuple[tuple[int, int], ...]


def seqs(ranges: list[tuple[int, int]]) -> list[int]:
    return [seq for first, last in ranges for seq in range(first, last + 1)]


def missing(ranges: list[MissingRange], *, closed: bool) -> list[int]:
    return [seq for gap in ranges if gap.closed is closed for seq in range(gap.first, gap.last + 1)]


@given(visible_ranges, st.integers(0, 45), st.integers(1, 12))
def test_g3_a_page_after_a_cursor_holds_the_next_visible_seqs(visible: Ranges, after: int, limit: int) -> None:
    window = window_after(after, visible, limit)
    shown = seqs(visible_within(window.first, window.last, visible))
    expected = [seq for seq in range(after + 1, 60) if can_see(visible, seq)]
    assert shown == expected[:limit]
    assert window.more == (len(expected) > limit)
    assert window.first == after + 1


@given(visible_ranges, st.integers(1, 45), st.integers(1, 12))
def test_g3_a_page_before_a_seq_holds_the_last_visible_seqs(visible: Ranges, before: int, limit: int) -> None:
    window = window_before(before, visible, limit)
    shown = seqs(visible_within(window.first, window.last, visible))
    expected = [seq for seq in range(1, before) if can_see(visible, seq)]
    assert shown == expected[-limit:]
    assert window.more == (len(expected) > limit)
    assert window.last == before - 1


@given(visible_ranges, st.integers(1, 45), st.integers(1, 45))
def test_g7_every_seq_of_a_range_is_either_visible_or_in_a_closed_gap(visible: Ranges, first: int, last: int) -> None:
    shown = seqs(visible_within(first, last, visible))
    hidden = missing(hidden_within(first, last, visible), closed=True)
    assert sorted(shown + hidden) == list(range(first, last + 1))
    assert not any(can_see(visible, seq) for seq in hidden)


@given(visible_ranges, st.integers(0, 45), st.integers(1, 12))
def test_g3_a_resumed_conversation_names_every_seq_after_the_cursor_once(
    visible: Ranges, cursor: int, limit: int
) -> None:
    window, gaps = newest_after(cursor, visible, limit)
    end = visible[-1][1] if visible else 0
    shown = seqs(visible_within(window.first, window.last, visible))
    left_out, hidden = missing(gaps, closed=False), missing(gaps, closed=True)
    assert sorted(shown + left_out + hidden) == list(range(cursor + 1, end + 1))
    assert shown == [seq for seq in range(cursor + 1, end + 1) if can_see(visible, seq)][-limit:]
    assert all(can_see(visible, seq) for seq in left_out)
    assert not any(can_see(visible, seq) for seq in hidden)

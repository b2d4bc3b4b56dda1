"""G7: who may see what, as of which head."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.conversation import conversation_at
from parley.domain.entries import Head, Settings, Span
from parley.domain.membership import Membership, can_see, merge_ranges
from parley.domain.records import Role


def span(user: str, first: int, last: int | None = None, joined: int | None = None) -> Span:
    return Span(user, first, Role.MEMBER, joined or first, last)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_merged_ranges_hold_the_same_seqs_and_neither_touch_nor_overlap(ranges: list[tuple[int, int]]) -> None:
    merged = merge_ranges(ranges)
    assert [seq for seq in range(32) if can_see(merged, seq)] == [seq for seq in range(32) if can_see(ranges, seq)]
    assert all(left[1] + 1 < right[0] for left, right in pairwise(merged))


def test_both_ends_of_a_membership_are_seen_by_its_user() -> None:
    membership = Membership((span("bob", 3, 7),))
    assert [bool(membership.recipients(seq)) for seq in range(2, 9)] == [False, True, True, True, True, True, False]
    assert membership.visible("bob", 20) == ((3, 7),)


def test_an_end_beyond_the_head_has_not_happened_yet() -> None:
    membership = Membership((span("bob", 3, 7), span("cho", 9)))
    assert set(membership.current(6)) == {"bob"}
    assert membership.current(6)["bob"].to_seq is None
    assert set(membership.current(7)) == set()
    assert membership.visible("bob", 5) == ((3, 5),)
    assert membership.visible("cho", 8) == ()


def test_an_open_history_shows_everything_to_members_and_nothing_more_to_those_who_left() -> None:
    settings = (Settings(1, group=True), Settings(5, group=True, open_history=True))
    membership = Membership((span("bob", 3, 7), span("cho", 6)), settings)
    assert membership.visible("cho", 9) == ((1, 9),)
    assert membership.visible("bob", 9) == ((3, 7),)
    assert membership.visible("bob", 4) == ((3, 4),)


@given(st.data())
def test_the_folds_view_and_the_readers_view_agree(data: st.DataObject) -> None:
    """`Conversation.sees` decides writes and `Membership.visible` decides reads: they must never differ."""
    spans, seq = [], 1
    for _ in range(data.draw(st.integers(0, 4))):
        first = data.draw(st.integers(seq, seq + 3))
        last = data.draw(st.integers(first, first + 4))
        spans.append(span("bob", first, last))
        seq = last + 1
    if data.draw(st.booleans()):
        spans.append(span("bob", seq))
    settings = (Settings(1, group=True, open_history=data.draw(st.booleans())),)
    membership = Membership(tuple(spans), settings)
    head = data.draw(st.integers(0, seq + 3))
    state = conversation_at(Head(head), membership)
    visible = membership.visible("bob", head)
    assert [state.sees("bob", n) for n in range(30)] == [can_see(visible, n) for n in range(30)]

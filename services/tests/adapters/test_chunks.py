"""How a commit becomes mutations: whatever is cut where, each prefix is a state the conversation went through."""

from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.cql.chunks import chunks_of
from parley.domain.buckets import BUCKET_ENTRIES, bucket_of
from parley.domain.content import Content
from parley.domain.entries import Entry, Head, PriorSend
from parley.domain.identity import direct_conversation_id
from parley.ports.conversation_store import Commit, SendRecord

PLACE = direct_conversation_id("ann", "bob")
REFUSED = "F"


@st.composite
def commits(draw: st.DrawFn) -> Commit:
    """A run of accepted and refused records that begins anywhere, often just before the end of a bucket."""
    seq = draw(st.one_of(st.integers(0, 5), st.integers(BUCKET_ENTRIES - 6, BUCKET_ENTRIES + 2)))
    position = draw(st.integers(0, 1_000))
    entries: list[Entry] = []
    sends: list[SendRecord] = []
    for kind in draw(st.lists(st.sampled_from(["message", "edit", REFUSED]), max_size=20)):
        position += draw(st.integers(1, 3))
        key = f"k{position}"
        accepted = kind != REFUSED
        if accepted:
            seq += 1
            text = Content("x" * draw(st.integers(0, 400)))
            entries.append(Entry(PLACE, seq, position, position, "ann", key, kind, 0, seq, text))
        prior = PriorSend(position, position, b"", 0, seq if accepted else None, None if accepted else "forbidden")
        sends.append(SendRecord("ann", key, prior))
    head = Head(seq, position, seq)
    return Commit(PLACE, head, tuple(entries), tuple(sends))


@given(commits(), st.integers(1, 2_000))
def test_every_row_is_in_exactly_one_chunk_in_order_and_the_last_head_is_the_commits(
    commit: Commit, limit: int
) -> None:
    chunks = chunks_of(commit, limit)
    assert [entry for chunk in chunks for entry in chunk.entries] == list(commit.entries)
    assert [send for chunk in chunks for send in chunk.sends] == list(commit.sends)
    assert chunks[-1].head == commit.head


@given(commits(), st.integers(1, 2_000))
def test_a_chunk_is_one_partition_and_a_chunk_over_the_limit_holds_one_record(commit: Commit, limit: int) -> None:
    for chunk in chunks_of(commit, limit):
        assert {bucket_of(entry.seq) for entry in chunk.entries} <= {chunk.bucket}
        assert chunk.head is None or bucket_of(chunk.head.seq) == chunk.bucket
        assert chunk.size <= limit or max(len(chunk.entries), len(chunk.sends)) <= 1


@given(commits(), st.integers(1, 2_000))
def test_g4_after_any_prefix_of_the_chunks_the_newest_head_names_no_row_that_is_missing(
    commit: Commit, limit: int
) -> None:
    first = commit.entries[0].seq if commit.entries else commit.head.seq + 1
    written: set[int] = set()
    for chunk in chunks_of(commit, limit):
        written |= {entry.seq for entry in chunk.entries}
        if chunk.head is not None:
            assert set(range(first, chunk.head.seq + 1)) <= written


@given(commits(), st.integers(1, 2_000), st.integers(1, 2_000))
def test_g2_where_a_row_lies_does_not_depend_on_the_cut(commit: Commit, one: int, other: int) -> None:
    def places(limit: int) -> dict[str, int]:
        return {send.client_msg_id: chunk.bucket for chunk in chunks_of(commit, limit) for send in chunk.sends}

    assert places(one) == places(other)

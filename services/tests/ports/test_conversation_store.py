"""What every store of conversations guarantees."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.contract import SENDS_TTL_MS
from parley.domain.buckets import BUCKET_ENTRIES
from parley.domain.content import Content
from parley.domain.effects import TargetDeleted, TargetEdited
from parley.domain.entries import Change, Entry, Head, Reaction, Settings, Span
from parley.domain.records import Role
from parley.ports.conversation_store import Commit, InboxItem
from parley.runtime.backends import Backends
from tests.ports.conftest import Wired
from tests.ports.rows import CONVERSATION, OTHER, commit, entry, send


async def slice_of(backends: Backends, first: int, last: int) -> list[Entry]:
    return list((await backends.reader.slice(CONVERSATION, first, last)).entries)


async def test_g1_committed_entries_are_read_back_as_they_were(backends: Backends) -> None:
    full = Entry(
        conversation=CONVERSATION, seq=1, position=7, message_id=2**62, sender="bób", client_msg_id="k", kind="role",
        created_at=1, messages=0, target_seq=3, change=Change(members=("cho",), role=Role.ADMIN), trace="trace",
    )  # fmt: skip
    await backends.writer.commit([commit(full)])
    assert await slice_of(backends, 1, 9) == [full]


async def test_a_head_is_visible_with_its_entries(backends: Backends) -> None:
    assert await backends.reader.heads([CONVERSATION]) == {}
    await backends.writer.commit([commit(entry(1), entry(2)), commit(entry(1, conversation=OTHER), conversation=OTHER)])
    assert await backends.reader.heads([CONVERSATION, OTHER]) == {CONVERSATION: Head(2, 2, 2), OTHER: Head(1, 1, 1)}


async def test_a_range_is_read_in_order_also_across_the_edge_of_a_bucket(backends: Backends) -> None:
    edge = BUCKET_ENTRIES
    await backends.writer.commit([commit(*(entry(seq) for seq in range(edge - 2, edge + 3)))])
    assert [e.seq for e in await slice_of(backends, edge - 1, edge + 1)] == [edge - 1, edge, edge + 1]


async def test_single_entries_are_found_by_seq_and_by_position(backends: Backends) -> None:
    await backends.writer.commit([commit(entry(1, 10), entry(2, 20), entry(3, 30))])
    assert set(await backends.reader.entries(CONVERSATION, [1, 3, 9])) == {1, 3}
    found = (await backends.writer.entries_at(CONVERSATION, [20, 21])).get(20)
    assert found is not None
    assert found.seq == 2
    assert await backends.writer.entries_at(CONVERSATION, [21]) == {}


async def test_g4_the_newest_attempt_below_a_position_is_found(backends: Backends) -> None:
    sends = (send(3, 1), send(9, None, refusal="not_a_member"))
    await backends.writer.commit([commit(entry(1, 3), sends=sends)])
    find = backends.writer.prior_send
    assert await find(CONVERSATION, "ann", "key", 3) is None
    assert (await find(CONVERSATION, "ann", "key", 4)) == sends[0].outcome
    assert (await find(CONVERSATION, "ann", "key", 99)) == sends[1].outcome
    assert await find(CONVERSATION, "bob", "key", 99) is None
    assert await find(OTHER, "ann", "key", 99) is None


async def test_g4_keys_under_which_anything_was_sent_are_told_from_those_that_are_new(backends: Backends) -> None:
    await backends.writer.commit([commit(entry(1, 3), sends=(send(3, 1, "schlüssel \U0001f511"), send(4, None, "no")))])
    old = [(CONVERSATION, "ann", "no"), (CONVERSATION, "ann", "schlüssel \U0001f511")]
    new = [(CONVERSATION, "ann", "other"), (CONVERSATION, "bob", "no"), (OTHER, "ann", "no")]
    assert await backends.writer.sent([new[0], *old, *new[1:]]) == frozenset(old)
    assert await backends.writer.sent([]) == frozenset()


async def test_g4_attempts_outlive_the_promise_of_seven_days(wired: Wired) -> None:
    await wired.backends.writer.commit([commit(entry(1, 3), sends=(send(3, 1),))])
    await wired.pass_time(SENDS_TTL_MS / 1000 - 3600)
    assert await wired.backends.writer.prior_send(CONVERSATION, "ann", "key", 99) is not None


async def test_an_edit_replaces_the_text_and_a_later_replay_of_an_older_one_does_not(backends: Backends) -> None:
    await backends.writer.commit([commit(entry(1, 1))])
    newer = Commit(CONVERSATION, Head(3, 30, 1), edited=((30, TargetEdited(1, 3, 300, Content("newest"))),))
    older = Commit(CONVERSATION, Head(2, 20, 1), edited=((20, TargetEdited(1, 2, 200, Content("older"))),))
    for step in (newer, older, newer):
        await backends.writer.commit([step])
    (row,) = await slice_of(backends, 1, 1)
    assert (row.content, row.edited_seq, row.edited_at) == (Content("newest"), 3, 300)
    assert (await backends.reader.heads([CONVERSATION]))[CONVERSATION] == Head(3, 30, 1)


async def test_a_deletion_removes_text_and_reactions_for_good(backends: Backends) -> None:
    await backends.writer.commit([commit(entry(1, 1))])
    reaction = Commit(CONVERSATION, Head(2, 2, 1), reactions=((2, Reaction(1, "bob", "x", 2)),))
    deletion = Commit(CONVERSATION, Head(3, 3, 1), deleted=((3, TargetDeleted(1, 3)),))
    for step in (reaction, deletion, commit(entry(1, 1))):
        await backends.writer.commit([step])
    part = await backends.reader.slice(CONVERSATION, 1, 1)
    assert (part.entries[0].content, part.entries[0].deleted_seq) == (None, 3)
    assert not part.reactions.get(1)


async def test_reactions_come_with_their_targets_and_the_newest_word_counts(backends: Backends) -> None:
    steps = [Reaction(1, "bob", "x", 2), Reaction(1, "cho", "x", 3), Reaction(1, "bob", "x", 4, removed=True)]
    await backends.writer.commit([commit(entry(1, 1))])
    for step in [steps[2], steps[0], steps[1]]:
        await backends.writer.commit([Commit(CONVERSATION, Head(4, 4, 1), reactions=((step.seq, step),))])
    part = await backends.reader.slice(CONVERSATION, 1, 1)
    assert [(r.user, r.seq) for r in part.reactions[1]] == [("cho", 3)]


async def test_membership_and_settings_are_kept_as_spans(backends: Backends) -> None:
    opened, closed = Span("bob", 1, Role.MEMBER, 1), Span("bob", 1, Role.MEMBER, 1, to_seq=5)
    settings_one, settings_two = Settings(1, group=True, title="One"), Settings(4, group=True, title="Two")
    first = Commit(CONVERSATION, Head(1, 10, 0), spans=((10, opened),), settings=((10, settings_one),))
    second = Commit(CONVERSATION, Head(5, 50, 0), spans=((50, closed),), settings=((40, settings_two),))
    for step in (first, second, first):
        await backends.writer.commit([step])
    membership = await backends.reader.membership(CONVERSATION)
    assert membership.spans == (closed,)
    assert sorted(membership.settings, key=lambda s: s.from_seq) == [settings_one, settings_two]


async def test_an_inbox_holds_conversations_that_one_is_or_was_in(backends: Backends) -> None:
    bob = Span("bob", 1, Role.MEMBER, 1)
    await backends.writer.commit([Commit(CONVERSATION, Head(1, 1, 0), (entry(1),), spans=((1, bob),))])
    assert await backends.inbox.conversations_of("bob") == [InboxItem(CONVERSATION, member=True)]
    gone = Span("bob", 1, Role.MEMBER, 1, to_seq=2)
    await backends.writer.commit([Commit(CONVERSATION, Head(2, 2, 0), (entry(2),), spans=((2, gone),))])
    assert await backends.inbox.conversations_of("bob") == [InboxItem(CONVERSATION, member=False)]
    again = Span("bob", 3, Role.MEMBER, 3)
    await backends.writer.commit([Commit(CONVERSATION, Head(3, 3, 0), (entry(3),), spans=((3, again),))])
    assert await backends.inbox.conversations_of("bob") == [InboxItem(CONVERSATION, member=True)]
    assert await backends.inbox.conversations_of("ann") == []


@pytest.mark.parametrize("seed", range(20))
async def test_g2_commits_again_and_late_leave_the_same_rows(backends: Backends, seed: int) -> None:
    """A zombie's or a replay's older writes never undo newer ones, in whatever order they come."""
    chance = random.Random(seed)
    steps = [commit(entry(seq, seq * 10), sends=(send(seq * 10, seq, f"k{seq}"),)) for seq in range(1, 8)]
    for step in [*steps, *chance.choices(steps, k=12)]:
        await backends.writer.commit([step])
    assert [(e.seq, e.position) for e in await slice_of(backends, 1, 99)] == [(seq, seq * 10) for seq in range(1, 8)]
    assert (await backends.reader.heads([CONVERSATION]))[CONVERSATION] == Head(7, 70, 7)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
async def test_any_text_is_kept_as_it_is(backends: Backends, text: str) -> None:
    seq = 1 + abs(hash(text)) % 1_000_000
    await backends.writer.commit([commit(entry(seq, seq, text))])
    stored = (await backends.reader.entries(CONVERSATION, [seq]))[seq]
    assert stored.content is not None


async def test_how_far_the_log_is_folded_is_told_per_partition_and_never_goes_back(backends: Backends) -> None:
    assert await backends.writer.reached(0) is None
    await backends.writer.reach({0: 7, 1: 3})
    await backends.writer.reach({0: 5, 1: 4})
    assert [await backends.writer.reached(number) for number in (0, 1, 2)] == [7, 4, None]

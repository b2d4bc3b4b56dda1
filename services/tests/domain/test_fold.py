"""What the fold decides about single records: order, dedupe, membership, targets."""

import pytest

from parley.contract import DEDUPE_WINDOW_MS
from parley.domain.content import Content
from parley.domain.errors import ErrorCode
from parley.domain.fold import Declined, Repeated, Sequenced
from parley.domain.identity import direct_conversation_id
from parley.domain.records import (
    AddMembers,
    AnyBody,
    ChangeSettings,
    CreateGroup,
    Delete,
    Edit,
    Leave,
    Post,
    React,
    RemoveMember,
    Role,
    SetRole,
)
from tests.domain.folding import DIRECT, GROUP, Folding, group_of, post, seq_of


def declined(outcome: object) -> ErrorCode:
    assert isinstance(outcome, Declined), outcome
    return outcome.code


def test_g2_every_accepted_record_takes_the_next_seq_and_a_refused_one_takes_none() -> None:
    group = Folding(GROUP)
    outcomes = group.fold_all(
        [group_of("bob"), ("bob", post()), ("eve", post()), ("ann", AddMembers(("eve",))), ("eve", post())]
    )
    assert [seq_of(outcome) for outcome in outcomes if isinstance(outcome, Sequenced)] == [1, 2, 3, 4]
    assert declined(outcomes[2]) is ErrorCode.NOT_A_MEMBER
    assert group.state.head.position == 4


def test_only_messages_count_as_messages() -> None:
    group = Folding(GROUP)
    group.fold_all([group_of("bob"), ("bob", post()), ("bob", Edit(2, Content("better"))), ("ann", React(2, "👍"))])
    assert (group.state.head.seq, group.state.head.messages) == (4, 1)


def test_the_first_message_opens_a_direct_conversation_for_both_at_the_same_seq() -> None:
    direct = Folding(DIRECT)
    first = direct.fold("bob", post(peer="ann"))
    second = direct.fold("ann", post(peer="bob"))
    assert (seq_of(first), seq_of(second)) == (1, 2)
    assert {user: span.joined_seq for user, span in direct.state.members.items()} == {"ann": 1, "bob": 1}


def test_g7_a_direct_conversation_opens_only_under_the_id_of_its_two_users() -> None:
    direct = Folding(DIRECT)
    assert declined(direct.fold("eve", post(peer="bob"))) is ErrorCode.NOT_A_MEMBER
    assert declined(direct.fold("ann", post())) is ErrorCode.NOT_A_MEMBER
    assert direct.state.head.seq == 0


def test_a_note_to_oneself_is_a_conversation_with_one_member() -> None:
    notes = Folding(direct_conversation_id("ann", "ann"))
    assert seq_of(notes.fold("ann", post(peer="ann"))) == 1
    assert set(notes.state.members) == {"ann"}


def test_g4_a_retry_within_seven_days_gets_the_first_identity_and_no_seq() -> None:
    direct = Folding(DIRECT)
    first = direct.fold("ann", post(peer="bob"), "key")
    direct.fold("bob", post())
    again = direct.fold("ann", post(peer="bob"), "key", retry=True, later_ms=DEDUPE_WINDOW_MS - 10)
    assert isinstance(first, Sequenced)
    assert again == Repeated(seq=1, message_id=first.entry.message_id)
    assert direct.state.head.seq == 2


def test_g4_after_seven_days_of_log_time_the_key_is_free_again() -> None:
    direct = Folding(DIRECT)
    direct.fold("ann", post(peer="bob"), "key")
    assert seq_of(direct.fold("ann", post(peer="bob"), "key", retry=True, later_ms=DEDUPE_WINDOW_MS)) == 2


def test_g4_a_record_without_the_retry_mark_is_new_whatever_is_known() -> None:
    direct = Folding(DIRECT)
    direct.fold("ann", post(peer="bob"), "key")
    assert seq_of(direct.fold("ann", post(peer="bob"), "key")) == 2


def test_g4_the_same_key_of_another_sender_is_another_message() -> None:
    direct = Folding(DIRECT)
    direct.fold("ann", post(peer="bob"), "key")
    assert seq_of(direct.fold("bob", post(peer="ann"), "key", retry=True)) == 2


def test_g4_the_same_key_with_another_text_is_refused_and_does_not_hide_the_first() -> None:
    direct = Folding(DIRECT)
    direct.fold("ann", post("one", peer="bob"), "key")
    assert declined(direct.fold("ann", post("two", peer="bob"), "key", retry=True)) is ErrorCode.ID_REUSED
    assert direct.fold("ann", post("one", peer="bob"), "key", retry=True) == Repeated(1, 1_000)


def test_a_retry_finds_the_refusal_of_the_first_attempt_even_when_it_would_be_allowed_now() -> None:
    group = Folding(GROUP)
    group.fold(*group_of())
    group.fold("bob", post(), "key")
    group.fold("ann", AddMembers(("bob",)))
    assert declined(group.fold("bob", post(), "key", retry=True)) is ErrorCode.NOT_A_MEMBER
    assert seq_of(group.fold("bob", post())) == 3


def test_g4_a_repeated_creation_makes_no_second_group_even_without_the_retry_mark() -> None:
    group = Folding(GROUP)
    group.fold(*group_of("bob"))
    assert group.fold(*group_of("bob")) == Repeated(1, 1_000)


def test_a_group_is_created_only_under_the_id_that_follows_from_its_creation() -> None:
    group = Folding(GROUP)
    assert declined(group.fold("eve", CreateGroup("Mine"))) is ErrorCode.ALREADY_EXISTS


def test_the_creator_is_owner_and_the_others_are_members_from_the_first_entry_on() -> None:
    group = Folding(GROUP)
    group.fold(*group_of("bob", "ann", "bob"))
    roles = {user: (span.role, span.joined_seq) for user, span in group.state.members.items()}
    assert roles == {"ann": (Role.OWNER, 1), "bob": (Role.MEMBER, 1)}


def test_adding_only_present_members_takes_no_seq() -> None:
    group = Folding(GROUP)
    group.fold(*group_of("bob"))
    assert declined(group.fold("ann", AddMembers(("bob",)))) is ErrorCode.ALREADY_EXISTS
    added = group.fold("ann", AddMembers(("bob", "cho")))
    assert isinstance(added, Sequenced)
    assert added.entry.change is not None
    assert added.entry.change.members == ("cho",)


@pytest.mark.parametrize("ending", [("ann", RemoveMember("bob")), ("bob", Leave())])
def test_g7_after_the_end_of_a_membership_nothing_can_be_written(ending: tuple[str, AnyBody]) -> None:
    group = Folding(GROUP)
    group.fold_all([group_of("bob"), ("bob", post()), ending])
    for body in (post(), Edit(2, Content("x")), Delete(2), React(2, "x"), AddMembers(("bob",)), Leave()):
        assert declined(group.fold("bob", body)) is ErrorCode.NOT_A_MEMBER
    assert group.state.head.seq == 3


def test_g7_who_comes_back_sees_both_stretches_and_not_the_time_between() -> None:
    group = Folding(GROUP)
    group.fold_all([group_of("bob"), ("ann", post()), ("bob", Leave()), ("ann", post()), ("ann", AddMembers(("bob",)))])
    assert [group.state.sees("bob", seq) for seq in range(7)] == [False, True, True, True, False, True, False]
    assert declined(group.fold("bob", React(4, "x"))) is ErrorCode.MESSAGE_NOT_FOUND


def test_an_open_history_lets_new_members_react_to_what_was_before_them() -> None:
    group = Folding(GROUP)
    group.fold_all([group_of(), ("ann", post()), ("ann", AddMembers(("bob",)))])
    assert declined(group.fold("bob", React(2, "x"))) is ErrorCode.MESSAGE_NOT_FOUND
    group.fold("ann", ChangeSettings(open_history=True))
    assert seq_of(group.fold("bob", React(2, "x"))) == 5


def test_a_new_role_keeps_the_time_of_joining() -> None:
    group = Folding(GROUP)
    group.fold_all([group_of("bob"), ("ann", post()), ("ann", SetRole("bob", Role.ADMIN))])
    assert group.state.members["bob"].role is Role.ADMIN
    assert group.state.members["bob"].joined_seq == 1
    assert group.state.sees("bob", 2)


def test_a_deleted_message_can_be_neither_edited_nor_deleted_nor_reacted_to() -> None:
    group = Folding(GROUP)
    group.fold_all([group_of("bob"), ("bob", post()), ("bob", Delete(2))])
    for body in (Edit(2, Content("x")), Delete(2), React(2, "x")):
        assert declined(group.fold("bob", body)) is ErrorCode.MESSAGE_DELETED


def test_a_deletion_beyond_the_head_has_not_happened_yet() -> None:
    """A replay reads rows that are already ahead of its head; it must decide as it did the first time."""
    first, replayed = Folding(GROUP), Folding(GROUP)
    log: list[tuple[str, AnyBody]] = [group_of("bob"), ("bob", post()), ("ann", React(2, "x")), ("bob", Delete(2))]
    outcomes = first.fold_all(log)
    replayed.fold_all(log[:2])
    replayed.entries[2] = first.entries[2]
    assert replayed.entries[2].deleted_seq == 4
    assert replayed.fold("ann", React(2, "x")) == outcomes[2]


def test_the_entry_of_an_edit_holds_no_text() -> None:
    group = Folding(GROUP)
    group.fold_all([group_of(), ("ann", post())])
    edited = group.fold("ann", Edit(2, Content("better")))
    assert isinstance(edited, Sequenced)
    assert edited.entry.content is None
    assert edited.effects.edited is not None
    assert edited.effects.edited.content.text == "better"


def test_peer_is_ignored_once_the_conversation_exists() -> None:
    direct = Folding(DIRECT)
    direct.fold("ann", post(peer="bob"))
    assert seq_of(direct.fold("ann", Post(Content("again"), "eve"))) == 2
    assert set(direct.state.members) == {"ann", "bob"}

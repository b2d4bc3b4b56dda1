"""The sequencer may skip a lookup only where it would find nothing that counts."""

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.content import Content
from parley.domain.entries import PriorSend
from parley.domain.fold import body_hash, is_marked, looks_for_prior, may_answer
from parley.domain.identity import direct_conversation_id
from parley.domain.records import LATE_MS, OVERTAKEN_MARGIN_MS, LoggedRecord, Post, Record
from parley.roles.sequencer.keys_seen import KeysSeen

PLACE = direct_conversation_id("ann", "bob")
BEGIN = 1_800_000_000_000


def logged(position: int, appended_at: int, key: str, delay: int, *, retry: bool = False) -> LoggedRecord:
    record = Record(PLACE, "ann", key, Post(Content("hi")), asked_at=appended_at - delay, retry=retry)
    return LoggedRecord(record, position, appended_at, position)


def as_prior(attempt: LoggedRecord) -> PriorSend:
    return PriorSend(attempt.position, 0, body_hash(attempt.record.body), attempt.appended_at, seq=1)


attempts = st.tuples(
    st.integers(0, OVERTAKEN_MARGIN_MS),  # since the one before
    st.sampled_from("abc"),
    st.one_of(st.integers(0, 3 * LATE_MS), st.integers(0, 4 * OVERTAKEN_MARGIN_MS)),
    st.booleans(),
)


@given(st.lists(attempts, max_size=60), st.integers(0, 59))
def test_g4_whatever_is_called_certainly_first_has_no_attempt_before_it_that_may_answer(
    made: list[tuple[int, str, int, bool]], taken_over_at: int
) -> None:
    at, log = BEGIN, []
    for position, (since, key, delay, retry) in enumerate(made):
        at += since
        log.append(logged(position, at, key, delay, retry=retry))
    seen = KeysSeen()
    for number, record in enumerate(log):
        if number < taken_over_at:
            continue  # somebody else had the partition then
        (first,) = seen.certainly_first([(0, record)])
        if first and not is_marked(record.record):
            same = [other for other in log[:number] if other.record.client_msg_id == record.record.client_msg_id]
            assert not any(may_answer(as_prior(other), record) for other in same)


def test_a_slow_first_attempt_costs_no_lookup_once_the_partition_is_known_long_enough() -> None:
    seen = KeysSeen()
    later = BEGIN + 3 * OVERTAKEN_MARGIN_MS
    slow = logged(2, later, "b", 500)
    assert looks_for_prior(slow)
    assert seen.certainly_first([(0, logged(1, BEGIN, "a", 0)), (0, slow)]) == [False, True]
    assert seen.certainly_first([(0, logged(3, later + 1, "b", 500))]) == [False]
    seen.forget(frozenset({0}))
    assert seen.certainly_first([(0, logged(4, later + 2, "c", 500))]) == [False]


def test_g4_an_unmarked_attempt_is_answered_only_by_one_that_can_have_overtaken_it() -> None:
    late = logged(9, BEGIN + 1_000, "a", 500)
    overtaking, old = logged(5, BEGIN + 900, "a", 0), logged(1, BEGIN - 2 * OVERTAKEN_MARGIN_MS, "a", 0)
    assert may_answer(as_prior(overtaking), late)
    assert not may_answer(as_prior(old), late)
    assert may_answer(as_prior(old), logged(9, BEGIN + 1_000, "a", 500, retry=True))
    assert not may_answer(as_prior(overtaking), logged(9, BEGIN + 1_000, "a", LATE_MS))

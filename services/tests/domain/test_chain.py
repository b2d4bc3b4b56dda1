"""How a gateway notices that deliveries are missing (promise G3)."""

from hypothesis import given
from hypothesis import strategies as st

from parley.domain.chain import FORGET_SOURCE_S, SILENCE_S, SILENT_RESYNC_S, DeliveryChain
from parley.domain.position import NOWHERE


def test_the_first_link_is_taken_as_it_is_and_every_later_one_must_name_its_predecessor() -> None:
    chain = DeliveryChain(0.0)
    assert chain.link(3, position=10, previous=7)
    assert chain.link(3, position=12, previous=10)
    assert not chain.link(3, position=20, previous=15)
    assert chain.link(3, position=21, previous=20)


def test_partitions_have_chains_of_their_own() -> None:
    chain = DeliveryChain(0.0)
    assert chain.link(1, 5, NOWHERE)
    assert chain.link(2, 5, NOWHERE)
    assert chain.link(1, 6, 5)


def test_a_replay_breaks_nothing() -> None:
    chain = DeliveryChain(0.0)
    for position, previous in ((5, NOWHERE), (6, 5), (7, 6), (5, NOWHERE), (6, 5), (7, 6), (8, 7)):
        assert chain.link(0, position, previous)


def test_a_sender_that_does_not_know_what_another_sent_before_is_a_gap() -> None:
    chain = DeliveryChain(0.0)
    chain.link(0, 5, NOWHERE)
    assert not chain.link(0, 9, NOWHERE)


def test_a_beacon_tells_of_a_link_that_never_came() -> None:
    chain = DeliveryChain(0.0)
    chain.link(0, 5, NOWHERE)
    assert chain.beacon("fanout-a", [(0, 5)], 1.0)
    assert not chain.beacon("fanout-a", [(0, 8)], 2.0)
    assert chain.beacon("fanout-a", [(0, 8)], 3.0)
    assert chain.link(0, 9, 8)


def test_a_beacon_of_an_unknown_partition_is_where_its_chain_begins() -> None:
    chain = DeliveryChain(0.0)
    assert chain.beacon("fanout-a", [(4, 100), (5, NOWHERE)], 1.0)
    assert chain.link(4, 101, 100)
    assert chain.link(5, 7, NOWHERE)
    assert not chain.link(4, 103, 102)


def test_a_source_that_falls_silent_is_told_once_and_again_when_it_returns() -> None:
    chain = DeliveryChain(0.0)
    chain.beacon("fanout-a", [], 1.0)
    for second in range(1, 9):
        assert chain.beacon("fanout-b", [], float(second))
    assert chain.silent(1.0 + SILENCE_S)
    assert not chain.silent(2.0 + SILENCE_S)
    assert not chain.beacon("fanout-a", [], 9.0)
    assert chain.beacon("fanout-a", [], 10.0)


def test_while_nobody_speaks_clients_fetch_for_themselves_now_and_then() -> None:
    chain = DeliveryChain(0.0)
    seconds = [second for second in range(100) if chain.silent(float(second))]
    assert seconds[0] == SILENCE_S
    assert seconds[1] - seconds[0] == SILENT_RESYNC_S


def test_a_source_that_was_stopped_for_good_is_forgotten() -> None:
    chain = DeliveryChain(0.0)
    chain.beacon("fanout-a", [], 0.0)
    chain.silent(10.0)
    chain.silent(FORGET_SOURCE_S + 1.0)
    assert chain.beacon("fanout-a", [], FORGET_SOURCE_S + 2.0)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.booleans()), max_size=60))
def test_g3_a_loss_is_noticed_by_the_next_word_of_its_partition_and_nothing_else_is(
    sends: list[tuple[int, int, bool]],
) -> None:
    """Each send: its partition, how far its position is ahead, and whether the channel loses it."""
    chain = DeliveryChain(0.0)
    last: dict[int, int] = {}
    missing: dict[int, bool] = {}
    heard: set[int] = set()
    for partition, step, lost in sends:
        previous = last.get(partition, NOWHERE)
        position = last[partition] = previous + step
        if lost:
            missing[partition] = partition in heard
            continue
        whole = chain.link(partition, position, previous)
        assert whole is not missing.pop(partition, False)
        heard.add(partition)
    whole = chain.beacon("fanout-a", last.items(), 1.0)
    assert whole is not any(missing.values())

"""The open loop sends when a message is due, and never waits for the server; the closed loop follows deliveries."""

import asyncio
import time
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from e2e.bench.contract import Client, Direct, Place
from e2e.bench.generator.keys import Key, parsed
from e2e.bench.generator.senders import Pace, Senders, Stream
from e2e.bench.generator.tally import NOTHING_BESIDES, Tally

PAIR = Direct.of("ann", "bob")
STREAM = Stream("ann", PAIR)


class Wire:
    """A client whose server never answers, unless `answer` does."""

    def __init__(self) -> None:
        self.keys: list[Key] = []

    def send(self, place: Place, text: str) -> None:
        assert place == PAIR
        key = parsed(text.partition(" ")[0])
        assert key is not None
        self.keys.append(key)


def senders(wire: Wire, tally: Tally) -> Senders:
    return Senders("p1", tally, {"ann": cast("Client", wire)})


@given(
    st.integers(min_value=1, max_value=10**15),
    st.floats(min_value=1, max_value=5_000),
    st.floats(min_value=0.1, max_value=2),
)
def test_messages_are_due_at_equal_distances(begin: int, rate: float, seconds: float) -> None:
    due = Pace(begin, rate, seconds).due()
    assert len(due) == round(rate * seconds)
    assert all(abs(due[n] - (begin + n / rate * 1e9)) <= 1_000 for n in range(len(due)))


async def test_a_silent_server_does_not_delay_what_is_due() -> None:
    wire, tally = Wire(), Tally(NOTHING_BESIDES)
    pace = Pace(time.perf_counter_ns(), 500, 0.2)
    await senders(wire, tally).paced([STREAM], pace)
    assert [key.due for key in wire.keys] == pace.due()
    assert [key.number for key in wire.keys] == list(range(100))


async def test_what_is_late_is_sent_at_once_and_counts_from_when_it_was_due() -> None:
    wire, tally = Wire(), Tally(NOTHING_BESIDES)
    begun_long_ago = time.perf_counter_ns() - 10**9
    sending = senders(wire, tally)
    await sending.paced([STREAM], Pace(begun_long_ago, 1_000, 0.5))
    assert len(wire.keys) == 500
    assert sending.late >= 0.5
    tally.receives("bob", PAIR, wire.keys[0])
    assert tally.delivered.at(100) >= 500


async def test_the_closed_loop_keeps_so_many_under_way_and_ends() -> None:
    wire, tally = Wire(), Tally(NOTHING_BESIDES)
    flood = asyncio.create_task(senders(wire, tally).flood([STREAM], 3, 0.05))
    await asyncio.sleep(0)
    assert len(wire.keys) == 3
    for number in range(10):
        tally.receives("bob", PAIR, wire.keys[number])
    assert len(wire.keys) == 13
    await flood
    tally.receives("bob", PAIR, wire.keys[10])
    assert len(wire.keys) == 13

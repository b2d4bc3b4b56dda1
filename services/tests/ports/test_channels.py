"""What every channel guarantees: order, a cursor, and honesty about loss."""

import asyncio

from parley.runtime.backends import Backends
from tests.patience import STILL_S


async def test_items_are_read_in_the_order_of_their_publication(backends: Backends) -> None:
    begun = await backends.channels.read("gw", None, 10, 0.01)
    await backends.channels.publish([("gw", b"a"), ("other", b"x"), ("gw", b"b")])
    received = await backends.channels.read("gw", begun.cursor, 10, 1.0)
    assert received.items == (b"a", b"b")
    assert not received.trimmed
    assert (await backends.channels.read("gw", received.cursor, 10, 0.01)).items == ()


async def test_the_first_read_begins_with_what_comes_after_it(backends: Backends) -> None:
    await backends.channels.publish([("gw", b"before")])
    begun = await backends.channels.read("gw", None, 10, 0.01)
    await backends.channels.publish([("gw", b"after")])
    assert (await backends.channels.read("gw", begun.cursor, 10, 1.0)).items == (b"after",)


async def test_a_read_wakes_up_when_something_comes(backends: Backends) -> None:
    begun = await backends.channels.read("gw", None, 10, 0.01)
    reading = asyncio.create_task(backends.channels.read("gw", begun.cursor, 10, STILL_S))
    await asyncio.sleep(0)
    await backends.channels.publish([("gw", b"news")])
    async with asyncio.timeout(STILL_S):
        assert (await reading).items == (b"news",)


async def test_a_limit_leaves_the_rest_for_the_next_read(backends: Backends) -> None:
    begun = await backends.channels.read("gw", None, 10, 0.01)
    await backends.channels.publish([("gw", f"{number}".encode()) for number in range(5)])
    first = await backends.channels.read("gw", begun.cursor, 2, 1.0)
    rest = await backends.channels.read("gw", first.cursor, 10, 1.0)
    assert (first.items, rest.items) == ((b"0", b"1"), (b"2", b"3", b"4"))


async def test_a_stream_that_vanished_is_told_as_trimmed(backends: Backends) -> None:
    begun = await backends.channels.read("gw", None, 10, 0.01)
    await backends.channels.publish([("gw", b"a"), ("gw", b"b")])
    read = await backends.channels.read("gw", begun.cursor, 10, 1.0)
    await backends.channels.drop("gw")
    await backends.channels.publish([("gw", b"c")])
    assert (await backends.channels.read("gw", read.cursor, 10, 0.01)).trimmed

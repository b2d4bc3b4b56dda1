"""What every cache of heads and lists guarantees."""

from parley.domain.entries import Head
from parley.ports.resume_cache import HOLD_S, KEPT_S, Hold, ResumeCache
from parley.runtime.backends import Backends
from tests.ports.conftest import Wired
from tests.ports.rows import CONVERSATION, OTHER

ONE, TWO, THREE = Head(1, 10, 1), Head(2, 20, 2), Head(3, 1 << 53, 3)


async def trusted(cache: ResumeCache) -> ResumeCache:
    """With a holder of the only partition."""
    assert await cache.hold(Hold("a", 1, frozenset({0}))) == frozenset()
    return cache


async def test_nothing_is_known_and_nothing_may_be_filled_before_every_partition_has_a_holder(
    backends: Backends,
) -> None:
    cache = backends.resume_cache
    await cache.reach()
    await cache.hold(Hold("a", 2, frozenset({0})))
    await cache.write({CONVERSATION: ONE}, ())
    looked = await cache.look(["ann"], [CONVERSATION])
    assert (looked.heads, looked.lists, looked.ticket) == ({}, {}, None)
    await cache.hold(Hold("b", 2, frozenset({1})))
    assert (await cache.look(["ann"], [CONVERSATION])).ticket is not None


async def test_what_is_written_or_filled_is_found(backends: Backends) -> None:
    cache = await trusted(backends.resume_cache)
    await cache.write({CONVERSATION: THREE}, ())
    looked = await cache.look(["ann", "bob"], [CONVERSATION, OTHER])
    assert looked.heads == {CONVERSATION: THREE}
    await cache.fill(looked.ticket, {"ann": [CONVERSATION, OTHER], "bob": []}, {OTHER: ONE})
    looked = await cache.look(["ann", "bob"], [CONVERSATION, OTHER])
    assert looked.heads == {CONVERSATION: THREE, OTHER: ONE}
    assert {user: list(names) for user, names in looked.lists.items()} == {"ann": [CONVERSATION, OTHER], "bob": []}
    assert looked.ticket is None


async def test_g3_a_head_never_goes_back(backends: Backends) -> None:
    cache = await trusted(backends.resume_cache)
    for head in (TWO, ONE):
        await cache.write({CONVERSATION: head}, ())
    assert (await cache.look([], [CONVERSATION])).heads == {CONVERSATION: TWO}
    await cache.write({CONVERSATION: THREE}, ())
    assert (await cache.look([], [CONVERSATION])).heads == {CONVERSATION: THREE}


async def test_g3_who_read_the_store_before_a_write_does_not_fill_after_it(backends: Backends) -> None:
    cache = await trusted(backends.resume_cache)
    looked = await cache.look(["ann"], [CONVERSATION])
    await cache.write({CONVERSATION: TWO}, ["ann"])
    await cache.fill(looked.ticket, {"ann": []}, {CONVERSATION: ONE})
    looked = await cache.look(["ann"], [CONVERSATION])
    assert looked.heads == {CONVERSATION: TWO}
    assert looked.lists == {}


async def test_g3_what_was_lost_is_not_filled_by_who_looked_before(wired: Wired) -> None:
    cache = await trusted(wired.backends.resume_cache)
    looked = await cache.look([], [CONVERSATION])
    await cache.write({CONVERSATION: TWO}, ())
    await wired.pass_time(KEPT_S + 1)
    await trusted(cache)
    await cache.fill(looked.ticket, {}, {CONVERSATION: ONE})
    assert (await cache.look([], [CONVERSATION])).heads == {}


async def test_of_many_who_miss_the_same_the_first_fills(backends: Backends) -> None:
    cache = await trusted(backends.resume_cache)
    first, second = await cache.look(["ann"], [CONVERSATION]), await cache.look([], [CONVERSATION])
    await cache.fill(first.ticket, {}, {CONVERSATION: ONE})
    await cache.fill(second.ticket, {}, {CONVERSATION: ONE})
    assert (await cache.look([], [CONVERSATION])).heads == {CONVERSATION: ONE}


async def test_who_joins_a_conversation_loses_his_list(backends: Backends) -> None:
    cache = await trusted(backends.resume_cache)
    looked = await cache.look(["ann", "bob"], [])
    await cache.fill(looked.ticket, {"ann": [OTHER], "bob": [OTHER]}, {})
    await cache.write({CONVERSATION: ONE}, ["ann"])
    assert list((await cache.look(["ann", "bob"], [])).lists) == ["bob"]


async def test_who_takes_a_partition_over_keeps_what_is_known_and_the_other_learns_it(backends: Backends) -> None:
    cache = await trusted(backends.resume_cache)
    await cache.write({CONVERSATION: ONE}, ())
    assert await cache.hold(Hold("b", 1, frozenset({0}))) == frozenset()
    assert await cache.hold(Hold("a", 1, kept=frozenset({0}))) == frozenset({0})
    assert (await cache.look([], [CONVERSATION])).heads == {CONVERSATION: ONE}
    assert await cache.hold(Hold("b", 1, kept=frozenset({0}))) == frozenset()


async def test_g3_trust_ends_with_a_hold_and_never_comes_back(wired: Wired) -> None:
    cache = await trusted(wired.backends.resume_cache)
    looked = await cache.look([], [OTHER])
    await cache.write({CONVERSATION: ONE}, ())
    await wired.pass_time(HOLD_S / 2)
    await cache.hold(Hold("a", 1, kept=frozenset({0})))
    await wired.pass_time(HOLD_S * 0.75)
    assert (await cache.look([], [CONVERSATION])).heads == {CONVERSATION: ONE}
    await wired.pass_time(HOLD_S)
    assert await cache.look([], [CONVERSATION]) == await cache.look(["ann"], [])
    await cache.hold(Hold("a", 1, kept=frozenset({0})))
    await cache.fill(looked.ticket, {}, {OTHER: ONE})
    assert (await cache.look([], [CONVERSATION, OTHER])).heads == {}

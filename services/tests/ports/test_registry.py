"""What every registry, presence board, leadership and memory of keys guarantees."""

from parley.ports.recent_keys import KEY_SEPARATOR
from parley.ports.registry import Gateway
from parley.runtime.backends import Backends
from tests.ports.conftest import Wired
from tests.ports.rows import CONVERSATION

ONE, TWO = Gateway("gw-1", "a"), Gateway("gw-2", "b")
REBORN = Gateway("gw-1", "c")
TTL_MS = 30_000


async def test_a_user_is_found_at_every_gateway_where_a_device_is(backends: Backends) -> None:
    for gateway in (ONE, TWO):
        await backends.registry.renew(gateway, TTL_MS)
    await backends.registry.register(ONE, [("ann", "phone"), ("bob", "phone")])
    await backends.registry.register(TWO, [("ann", "laptop")])
    found = await backends.registry.locate(["ann", "bob", "cho"])
    assert found == {"ann": frozenset({"gw-1", "gw-2"}), "bob": frozenset({"gw-1"})}
    assert await backends.registry.gateways() == {"gw-1", "gw-2"}


async def test_a_device_is_only_where_it_registered_last(backends: Backends) -> None:
    for gateway in (ONE, TWO):
        await backends.registry.renew(gateway, TTL_MS)
    await backends.registry.register(ONE, [("ann", "phone")])
    await backends.registry.register(TWO, [("ann", "phone")])
    await backends.registry.unregister(ONE, [("ann", "phone")])
    assert await backends.registry.locate(["ann"]) == {"ann": frozenset({"gw-2"})}


async def test_entries_die_with_the_lease_of_their_incarnation(wired: Wired) -> None:
    registry = wired.backends.registry
    assert not await registry.renew(ONE, TTL_MS)
    assert await registry.renew(ONE, TTL_MS)
    await registry.register(ONE, [("ann", "phone")])
    await wired.pass_time(TTL_MS / 1000 + 1)
    assert await registry.locate(["ann"]) == {}
    assert await registry.gateways() == frozenset()
    assert not await registry.renew(REBORN, TTL_MS)
    assert await registry.locate(["ann"]) == {}


async def test_a_released_lease_ends_at_once_unless_a_newer_incarnation_holds_it(backends: Backends) -> None:
    await backends.registry.renew(ONE, TTL_MS)
    await backends.registry.renew(REBORN, TTL_MS)
    await backends.registry.release(ONE)
    assert await backends.registry.gateways() == {"gw-1"}
    await backends.registry.release(REBORN)
    assert await backends.registry.gateways() == frozenset()


async def test_watchers_are_those_who_asked_and_did_not_stop(backends: Backends) -> None:
    await backends.presence.watch("gw-1", {"ann": True, "bob": True})
    await backends.presence.watch("gw-2", {"ann": True})
    await backends.presence.watch("gw-1", {"ann": False})
    assert (await backends.presence.watchers(["ann"])).get("ann", frozenset()) == {"gw-2"}
    assert (await backends.presence.watchers(["bob"])).get("bob", frozenset()) == {"gw-1"}
    assert (await backends.presence.watchers(["cho"])).get("cho", frozenset()) == frozenset()


async def test_only_the_first_arrival_is_told_until_the_user_was_declared_gone(backends: Backends) -> None:
    board = backends.presence
    assert await board.arrived(["ann"])
    assert not await board.arrived(["ann"])
    await board.departed({"ann": 1_000})
    assert await board.due(999, 10) == []
    assert await board.due(1_000, 10) == ["ann"]
    await board.gone(["ann"])
    assert await board.due(2_000, 10) == []
    assert await board.arrived(["ann"])


async def test_who_comes_back_within_the_grace_is_not_due(backends: Backends) -> None:
    board = backends.presence
    await board.arrived(["ann"])
    await board.departed({"ann": 1_000})
    assert not await board.arrived(["ann"])
    assert await board.due(5_000, 10) == []


async def test_who_left_counts_as_online_until_he_was_declared_gone(backends: Backends) -> None:
    board = backends.presence
    await board.arrived(["ann"])
    await board.departed({"ann": 1_000})
    assert await board.counted(["ann", "bob"], 5_000) == {"ann"}
    assert await board.due(1_000, 10) == ["ann"], "to ask does not put off his departure"
    await board.gone(["ann"])
    assert await board.counted(["ann"], 5_000) == frozenset()
    assert await board.counted([], 5_000) == frozenset()


async def test_who_counts_as_online_without_ever_having_left_is_due_after_he_was_asked_for(backends: Backends) -> None:
    """His gateway died between forgetting him and telling it: nobody else would ever notice."""
    board = backends.presence
    await board.arrived(["ann"])
    assert await board.due(9_000, 10) == []
    assert await board.counted(["ann"], 5_000) == {"ann"}
    assert await board.due(4_999, 10) == []
    assert await board.due(5_000, 10) == ["ann"]


async def test_users_of_a_dead_gateway_are_due(wired: Wired) -> None:
    backends = wired.backends
    await backends.registry.renew(ONE, TTL_MS)
    await backends.registry.register(ONE, [("ann", "phone")])
    await backends.presence.arrived(["ann"])
    assert await backends.presence.due(backends.clock.now_ms(), 10) == []
    await wired.pass_time(TTL_MS / 1000 + 1)
    assert await backends.presence.due(backends.clock.now_ms(), 10) == ["ann"]


async def test_a_job_has_one_holder_until_he_resigns_or_his_time_is_over(wired: Wired) -> None:
    leadership = wired.backends.leadership
    assert await leadership.acquire("job", "one", 5_000)
    assert await leadership.acquire("job", "one", 5_000)
    assert not await leadership.acquire("job", "two", 5_000)
    await wired.pass_time(6)
    assert await leadership.acquire("job", "two", 5_000)
    await leadership.resign("job", "one")
    assert not await leadership.acquire("job", "one", 5_000)
    await leadership.resign("job", "two")
    assert await leadership.acquire("job", "one", 5_000)


async def test_g4_a_key_is_new_once_also_within_one_call(backends: Backends) -> None:
    keys = [KEY_SEPARATOR.join((CONVERSATION, "ann", key)) for key in ("a", "b", "a")]
    assert await backends.recent_keys.remember(keys) == [True, True, False]
    assert await backends.recent_keys.remember(keys) == [False, False, False]


async def test_who_is_back_after_his_gateway_died_takes_nobodys_place_among_those_due(backends: Backends) -> None:
    registry, board = backends.registry, backends.presence
    people = [f"user-{number}" for number in range(20)]
    await registry.renew(ONE, TTL_MS)
    await registry.register(ONE, [(user, "phone") for user in people])
    for user in people:
        await board.arrived([user])
    await registry.release(ONE)
    await registry.renew(TWO, TTL_MS)
    await registry.register(TWO, [(user, "phone") for user in people[:19]])
    asked = [user for _ in range(20) for user in await board.due(0, 2)]
    assert set(asked) == {"user-19"}
    assert await registry.locate(people[:19]) == dict.fromkeys(people[:19], frozenset({"gw-2"}))


async def test_a_census_tells_who_is_connected_who_leaves_and_whom_a_dead_gateway_left_behind(
    backends: Backends,
) -> None:
    registry, board = backends.registry, backends.presence
    for gateway, users in ((ONE, ["ann", "bob"]), (TWO, ["cho"])):
        await registry.renew(gateway, TTL_MS)
        await registry.register(gateway, [(user, "phone") for user in users])
        await board.arrived(users)
    await board.departed({"bob": 5_000})
    census = await board.census()
    assert (census.connected, census.leaving, dict(census.left_behind)) == (3, 1, {})
    await registry.release(ONE)
    census = await board.census()
    assert (census.connected, sum(census.left_behind.values()), len(census.left_behind)) == (1, 2, 1)
    await board.gone(await board.due(5_000, 10))
    assert await board.due(5_000, 10) == []


async def test_a_look_takes_no_more_people_of_many_dead_gateways_than_of_one(backends: Backends) -> None:
    registry, board = backends.registry, backends.presence
    for number in range(10):
        gateway = Gateway(f"lost-{number}", "a")
        users = [f"user-{number}-{each}" for each in range(10)]
        await registry.renew(gateway, TTL_MS)
        await registry.register(gateway, [(user, "phone") for user in users])
        await board.arrived(users)
        await registry.release(gateway)
    found: set[str] = set()
    while due := await board.due(0, 20):
        assert len(due) <= 20
        assert not found & set(due)
        found |= set(due)
        await board.gone(due)
    assert len(found) == 100


async def test_what_a_thousand_people_left_behind_is_dropped_in_one_look(backends: Backends) -> None:
    registry, board = backends.registry, backends.presence
    users = [f"user-{number}" for number in range(1_000)]
    await registry.renew(ONE, TTL_MS)
    await registry.register(ONE, [(user, "phone") for user in users])
    await board.arrived(users)
    await registry.release(ONE)
    due = await board.due(0, 1_000)
    assert sorted(due) == sorted(users)
    await board.gone(due)
    assert await board.due(0, 1_000) == []
    assert not await board.counted(users, 0)

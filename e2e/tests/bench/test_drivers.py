"""Each product, run for real and driven by its driver, keeps the contract on which the measurements stand."""

import asyncio
import os
import signal
from collections.abc import Iterator
from itertools import count

import pytest

from e2e.bench.contract import Ability, Direct, Group, Population, Product, Running
from e2e.bench.products.choice import FEW, product_named
from e2e.tests.bench.driver_contract import people

pytestmark = [pytest.mark.servers, pytest.mark.slow]
_NUMBERS = count(1)
MARKUP = "<b>\"it's\" & 'that'</b> ]]> \N{SNOWMAN} \N{PARTY POPPER}"


OURS = ("parley", "parley-engines")
EACH = [pytest.param(name, marks=[] if name in OURS else pytest.mark.peers) for name in FEW]


@pytest.fixture(scope="module", params=EACH)
def product(request: pytest.FixtureRequest) -> Product:
    made = product_named(request.param)
    missing = made.missing()
    if missing is not None:
        pytest.skip(missing)
    return made


@pytest.fixture(scope="module")
def running(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all tests of a product; each test has people of its own."""
    started = product.start(tmp_path_factory.mktemp(product.name))
    yield started
    started.stop()


def names(*roles: str) -> tuple[str, ...]:
    number = next(_NUMBERS)
    return tuple(f"{role}{number}" for role in roles)


def need(product: Product, ability: Ability) -> None:
    if ability not in product.abilities:
        pytest.skip(f"{product.name} does not have {ability}")


async def test_two_people_chat_both_ways_in_order(running: Running) -> None:
    ann, bob = names("ann", "bob")
    async with people(running, Population((ann, bob))) as them:
        (to_bob, ann_hears), (to_ann, bob_hears) = await them.connect(ann), await them.connect(bob)
        place = Direct.of(ann, bob)
        for number in range(50):
            to_bob.send(place, f"ann-{number} {MARKUP}")
            to_ann.send(place, f"bob-{number} {'long ' * 400}")
        await bob_hears.until(lambda: len(bob_hears.heard(leaving_out="bob")) >= 50)
        await ann_hears.until(lambda: len(ann_hears.heard(leaving_out="ann")) >= 50)
        assert bob_hears.heard(leaving_out="bob") == [f"ann-{number}" for number in range(50)]
        assert ann_hears.heard(leaving_out="ann") == [f"bob-{number}" for number in range(50)]
        assert {heard for heard, _ in ann_hears.messages + bob_hears.messages} == {place}
        assert ann_hears.refusals == bob_hears.refusals == []


async def test_each_message_sent_is_acknowledged_once(running: Running) -> None:
    ann, bob = names("ann", "bob")
    async with people(running, Population((ann, bob))) as them:
        (to_bob, ann_hears), (_, bob_hears) = await them.connect(ann), await them.connect(bob)
        sent = [f"k-{number}" for number in range(100)]
        for key in sent:
            to_bob.send(Direct.of(ann, bob), f"{key} text")
        await ann_hears.until(lambda: len(ann_hears.acknowledgements) >= len(sent))
        to_bob.send(Direct.of(ann, bob), "last text")
        await ann_hears.until(lambda: "last" in ann_hears.acknowledgements)
        assert sorted(ann_hears.acknowledgements) == sorted([*sent, "last"])
        assert bob_hears.acknowledgements == []


async def test_a_group_gets_each_message_once_and_in_one_order(product: Product, running: Running) -> None:
    need(product, Ability.GROUPS)
    members = names("ann", "bob", "cid", "dan", "eve")
    (room,) = names("room")
    async with people(running, Population(members, {room: members})) as them:
        connected = [await them.connect(member) for member in members]
        sent = []
        for number in range(20):
            for member, (client, _) in zip(members, connected, strict=True):
                sent.append(f"{member}-{number}")
                client.send(Group(room), f"{member}-{number} text")
        orders = []
        for member, (_, ear) in zip(members, connected, strict=True):
            own = f"{member}-"
            await ear.until(lambda ear=ear, own=own: len(ear.heard(leaving_out=own)) >= 80)  # type: ignore[misc]
            await ear.until(lambda ear=ear: len(ear.acknowledgements) >= 20)  # type: ignore[misc]
            assert sorted(ear.heard(leaving_out=own)) == sorted(key for key in sent if not key.startswith(own))
            assert sorted(ear.acknowledgements) == sorted(key for key in sent if key.startswith(own))
            assert {place for place, _ in ear.messages} == {Group(room)}
            orders.append(ear.heard())
        for one in orders:
            for other in orders:
                shared = set(one) & set(other)
                assert [key for key in one if key in shared] == [key for key in other if key in shared]


@pytest.mark.parametrize("kind", ["direct", "group"])
async def test_history_gives_the_newest_page_and_then_older_ones(product: Product, running: Running, kind: str) -> None:
    need(product, Ability.HISTORY)
    if kind == "group":
        need(product, Ability.GROUPS)
    ann, bob, room = names("ann", "bob", "room")
    place = Direct.of(ann, bob) if kind == "direct" else Group(room)
    async with people(running, Population((ann, bob), {room: (ann, bob)} if kind == "group" else {})) as them:
        (by_ann, ann_hears), (by_bob, bob_hears) = await them.connect(ann), await them.connect(bob)
        keys = [f"k-{number}" for number in range(25)]
        for count_sent, key in enumerate(keys, 1):
            by_ann.send(place, f"{key} {MARKUP}")
            await ann_hears.until(lambda expected=count_sent: len(ann_hears.acknowledgements) >= expected)  # type: ignore[misc]
        await bob_hears.until(lambda: keys[-1] in bob_hears.heard())
        for reader in (by_ann, by_bob):
            newest = await reader.page(place, 10)
            middle = await reader.page(place, 10, newest.older)
            oldest = await reader.page(place, 10, middle.older)
            assert list(oldest.keys + middle.keys + newest.keys) == keys
            assert [len(newest.keys), len(middle.keys), len(oldest.keys)] == [10, 10, 5]
            assert oldest.older is None or (await reader.page(place, 10, oldest.older)).keys == ()


async def test_a_receipt_tells_who_has_read_up_to_where(product: Product, running: Running) -> None:
    need(product, Ability.RECEIPTS)
    ann, bob = names("ann", "bob")
    place = Direct.of(ann, bob)
    async with people(running, Population((ann, bob))) as them:
        (to_bob, ann_hears), (to_ann, bob_hears) = await them.connect(ann), await them.connect(bob)
        for key in ("k-1", "k-2"):
            to_bob.send(place, f"{key} text")
            await bob_hears.until(lambda key=key: key in bob_hears.heard())  # type: ignore[misc]
            to_ann.mark_read(place, key)
            await ann_hears.until(lambda key=key: (place, key, bob) in ann_hears.receipts)  # type: ignore[misc]


async def test_a_paused_reader_gets_everything_once_it_goes_on(running: Running) -> None:
    ann, bob = names("ann", "bob")
    place = Direct.of(ann, bob)
    async with people(running, Population((ann, bob))) as them:
        (to_bob, ann_hears), (by_bob, bob_hears) = await them.connect(ann), await them.connect(bob)
        by_bob.pause_reading()
        keys = [f"k-{number}" for number in range(200)]
        for key in keys:
            to_bob.send(place, f"{key} text")
        await ann_hears.until(lambda: len(ann_hears.acknowledgements) >= len(keys))
        assert bob_hears.messages == []
        by_bob.resume_reading()
        await bob_hears.until(lambda: len(bob_hears.messages) >= len(keys))
        assert bob_hears.heard() == keys


@pytest.mark.parametrize(
    ("kind", "leaving", "size"),
    [
        ("direct", "abort", 30),
        ("direct", "abort", 700),
        ("direct", "close", 30),
        ("group", "abort", 30),
        ("group", "close", 30),
    ],
)
async def test_what_was_missed_is_told_to_the_next_connection(
    product: Product, running: Running, kind: str, leaving: str, size: int
) -> None:
    need(product, Ability.RESUME)
    if kind == "group":
        need(product, Ability.GROUPS)
    ann, bob, room = names("ann", "bob", "room")
    place = Direct.of(ann, bob) if kind == "direct" else Group(room)
    async with people(running, Population((ann, bob), {room: (ann, bob)} if kind == "group" else {})) as them:
        (by_ann, ann_hears), (by_bob, bob_hears) = await them.connect(ann), await them.connect(bob)
        by_ann.send(place, "seen text")
        await bob_hears.until(lambda: "seen" in bob_hears.heard())
        memory = by_bob.memory()
        if leaving == "abort":
            by_bob.abort()
        else:
            await by_bob.close()
        missed = [f"missed-{number}" for number in range(size)]
        for key in missed:
            by_ann.send(place, f"{key} text")
        await ann_hears.until(lambda: len(ann_hears.acknowledgements) > len(missed))
        _, bob_hears_again = await them.connect(bob, memory)
        by_ann.send(place, "later text")
        await bob_hears_again.until(lambda: "later" in bob_hears_again.heard())
        assert bob_hears_again.heard() == [*missed, "later"]


async def test_leaving_of_our_own_wish_is_not_told_as_an_end(running: Running) -> None:
    ann, bob = names("ann", "bob")
    async with people(running, Population((ann, bob))) as them:
        (by_ann, ann_hears), (by_bob, bob_hears) = await them.connect(ann), await them.connect(bob)
        by_ann.abort()
        await by_bob.close()
        await asyncio.sleep(0.2)  # what would be told comes in this time; nothing else can be awaited
        assert ann_hears.ends == bob_hears.ends == []


async def test_somebody_without_an_account_does_not_get_in(product: Product, running: Running) -> None:
    need(product, Ability.ACCOUNTS)
    (ann,) = names("ann")
    async with people(running, Population((ann,))) as them:
        await them.connect(ann)
        with pytest.raises(ConnectionError):
            await them.connect("stranger")


def test_what_runs_names_its_processes_and_its_facts(running: Running) -> None:
    assert running.front in running.processes
    for pid in running.processes.values():
        os.kill(pid, 0)
    facts = running.facts
    assert all((facts.version, facts.engine, facts.durability, facts.configuration))


async def test_a_killed_server_is_told_as_an_end(running: Running) -> None:
    """The last one: no other test can use this server any more."""
    (ann,) = names("ann")
    async with people(running, Population((ann,))) as them:
        _, ann_hears = await them.connect(ann)
        os.kill(running.processes[running.front], signal.SIGKILL)
        await ann_hears.until(lambda: bool(ann_hears.ends))
        assert len(ann_hears.ends) == 1

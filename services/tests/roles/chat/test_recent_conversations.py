"""Coming back costs no read of the message store while the cache knows, and nothing but reads when it does not."""

import asyncio
import dataclasses
from collections.abc import Mapping

import pytest
from typing_extensions import override

from parley.adapters.memory.resume_cache import MemoryResumeCache
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.resume_cache import Looked
from parley.protocol import client_frames as asked
from parley.protocol.server_frames import Resumed
from parley.roles.chat.main import build_service
from parley.roles.chat.pressure import Pressure
from parley.runtime.metrics import STORE_READS
from parley.runtime.settings import load_settings
from tests.patience import STILL_S
from tests.roles.chat.running import Chat, direct, running_chat

STORM = 300


class Away(MemoryResumeCache):
    """Out of reach."""

    @override
    async def look(self, *_: object) -> Looked:
        raise ParleyError(ErrorCode.UNAVAILABLE, "away")


def reads() -> dict[str, float]:
    """Reads of the store so far, by kind."""
    samples = [sample for metric in STORE_READS.collect() for sample in metric.samples]
    return {sample.labels["kind"]: sample.value for sample in samples if sample.name.endswith("_total")}


def since(before: Mapping[str, float]) -> dict[str, float]:
    """Reads since then."""
    return {kind: count - before.get(kind, 0) for kind, count in reads().items() if count > before.get(kind, 0)}


async def resumed(chat: Chat, user: str, cursors: Mapping[str, int]) -> dict[str, int]:
    """The heads that somebody is told who comes back with these cursors."""
    answer = await chat.get(Resumed, user, asked.Resume("id", dict(cursors)))
    return {view.conversation: view.head for view in answer.conversations}


async def quiet(chat: Chat) -> None:
    """Wait until every partition has its holder, so that the cache is trusted."""
    async with asyncio.timeout(STILL_S):
        while (looked := await chat.backends.resume_cache.look(["nobody"], [])).ticket is None:  # noqa: ASYNC110 - a role makes the progress
            await asyncio.sleep(0.01)
    assert looked.lists == {}


async def three_conversations(chat: Chat) -> list[str]:
    await quiet(chat)
    group = await chat.group("ann", "bob", "cho")
    return [group, await chat.say("ann", "hello", to="bob"), await chat.say("cho", "hello", to="ann")]


async def test_g3_a_storm_of_people_whom_nothing_has_passed_by_reads_nothing() -> None:
    async with running_chat() as chat:
        await three_conversations(chat)
        known = {user: await resumed(chat, user, {}) for user in ("ann", "bob", "cho")}
        before = reads()
        people = [list(known)[number % 3] for number in range(STORM)]
        answers = await asyncio.gather(*(resumed(chat, user, known[user]) for user in people))
        assert answers == [{}] * STORM
        assert sum(since(before).values()) <= STORM / 100


async def test_who_was_passed_by_something_reads_that_alone() -> None:
    async with running_chat() as chat:
        group, one, _ = await three_conversations(chat)
        known = await resumed(chat, "ann", {})
        await chat.say("bob", "again", to="ann")
        before = reads()
        assert await resumed(chat, "ann", known) == {one: 2}
        assert since(before) == {"marks": 2, "entries": 2}
        assert group in known


async def test_g3_who_is_made_a_member_finds_the_conversation() -> None:
    async with running_chat() as chat:
        group, one, _ = await three_conversations(chat)
        known = await resumed(chat, "bob", {})
        assert set(known) == {group, one}
        other = await chat.group("cho", "bob")
        assert await resumed(chat, "bob", known) == {other: 1}
        known = await resumed(chat, "dee", {})
        await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("dee",)))
        assert list(await resumed(chat, "dee", known)) == [group]
        await chat.say("dee", "hello", to="ann")
        assert set(await resumed(chat, "dee", {})) == {group, direct("ann", "dee")}


async def test_a_cache_that_was_emptied_costs_reads_once() -> None:
    async with running_chat() as chat:
        names = await three_conversations(chat)
        known = await resumed(chat, "ann", {})
        cache = chat.backends.resume_cache
        assert isinstance(cache, MemoryResumeCache)
        cache.forget_all()
        before = reads()
        assert await resumed(chat, "ann", known) == {}
        assert since(before) == {"list": 1, "heads": len(names)}
        await quiet(chat)
        await resumed(chat, "ann", known)
        before = reads()
        assert await resumed(chat, "ann", known) == {}
        assert since(before) == {}


@pytest.mark.parametrize("cursors", ["none", "equal"])
async def test_g8_without_the_cache_everybody_is_told_the_same(cursors: str) -> None:
    async with running_chat() as chat:
        await three_conversations(chat)
        settings = load_settings(log_url="sqlite::memory:", store_url="sqlite::memory:", registry_url="memory:")
        away = dataclasses.replace(chat.backends, resume_cache=Away(chat.backends.clock))
        alone = Chat(away, build_service(away, settings, Pressure(away.log)))
        for user in ("ann", "bob", "cho"):
            known = await resumed(chat, user, {}) if cursors == "equal" else {}
            expected = await resumed(chat, user, known)
            before = reads()
            assert await resumed(alone, user, known) == expected
            assert since(before)["list"] == 1

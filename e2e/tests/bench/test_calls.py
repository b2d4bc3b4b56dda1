"""Calls to a process of the generator: answers find their question, errors come with their cause."""

import asyncio
import socket

import pytest

from e2e.bench.generator.calls import Caller, CallError, serve


class Served:
    async def slow(self, text: str) -> str:
        await asyncio.sleep(0.05)
        return text

    async def quick(self, text: str) -> str:
        return text

    async def broken(self) -> None:
        raise ValueError("no such user: ann")


async def test_answers_find_their_question_whatever_their_order() -> None:
    ours, theirs = socket.socketpair()
    serving, caller = asyncio.create_task(serve(theirs, Served())), await Caller.over(ours)
    assert list(await asyncio.gather(caller.call("slow", "one"), caller.call("quick", "two"))) == ["one", "two"]
    caller.close()
    await serving


async def test_an_answer_may_be_larger_than_any_buffer() -> None:
    ours, theirs = socket.socketpair()
    serving, caller = asyncio.create_task(serve(theirs, Served())), await Caller.over(ours)
    text = "x" * 5_000_000
    assert await caller.call("quick", text) == text
    caller.close()
    await serving


async def test_an_error_comes_with_its_text_and_place() -> None:
    ours, theirs = socket.socketpair()
    serving, caller = asyncio.create_task(serve(theirs, Served())), await Caller.over(ours)
    with pytest.raises(CallError, match=r"broken[\s\S]*no such user: ann"):
        await caller.call("broken")
    caller.close()
    await serving


async def test_a_process_that_ends_fails_what_was_asked() -> None:
    ours, theirs = socket.socketpair()
    caller = await Caller.over(ours)
    asked = asyncio.create_task(caller.call("slow", "one"))
    await asyncio.sleep(0)
    theirs.close()
    with pytest.raises(CallError, match="ended"):
        await asked
    with pytest.raises(CallError, match="has ended"):
        await caller.call("quick", "two")

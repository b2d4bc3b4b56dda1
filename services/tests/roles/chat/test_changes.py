"""Accepting changes: idempotency (G4), edits and deletions, and refusals that name what is wrong."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parley.domain.content import Content
from parley.protocol import client_frames as asked
from parley.protocol.calls import Call
from parley.protocol.server_frames import Ack
from parley.roles.chat.changes import AnyChange
from tests.roles.chat.running import Chat, direct, running_chat

ROOM = direct("ann", "bob")


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with running_chat() as ready:
        yield ready


def message(key: str, text: str = "hello", *, retry: bool = False) -> asked.Send:
    return asked.Send("id", key, retry, content=Content(text), to="bob")


async def test_g1_the_first_attempt_learns_its_message_id_and_a_retry_does_not(chat: Chat) -> None:
    first = await chat.get(Ack, "ann", message("k"))
    again = await chat.get(Ack, "ann", message("k"))
    await chat.settle()
    assert again.message_id is None
    page = await chat.page("ann", ROOM)
    assert [entry.message_id for entry in page.messages] == [first.message_id]


async def test_g4_concurrent_attempts_make_one_message(chat: Chat) -> None:
    await asyncio.gather(*(chat.get(Ack, "ann", message("k")) for _ in range(20)))
    await chat.settle()
    assert len((await chat.page("ann", ROOM)).messages) == 1


async def test_g4_an_attempt_after_a_restart_makes_no_second_message_even_unmarked(tmp_path: Path) -> None:
    for _ in range(3):
        async with running_chat(tmp_path / "data") as chat:
            await chat.get(Ack, "ann", message("k"))
            await chat.settle()
            assert len((await chat.page("ann", ROOM)).messages) == 1


async def test_g4_an_attempt_that_was_accepted_but_not_folded_before_a_restart_counts_too(tmp_path: Path) -> None:
    async with running_chat(tmp_path / "data") as chat:
        await chat.get(Ack, "ann", message("k"))
    async with running_chat(tmp_path / "data") as chat:
        await chat.get(Ack, "ann", message("k"))
        await chat.settle()
        assert len((await chat.page("ann", ROOM)).messages) == 1


async def test_a_deleted_text_is_gone_from_pages_and_from_the_file(tmp_path: Path) -> None:
    secret = "a-secret-that-must-not-remain"  # noqa: S105 - a test's
    async with running_chat(tmp_path / "data") as chat:
        await chat.do("ann", message("k", secret))
        edited = asked.Edit("id", "k2", conversation=ROOM, seq=1, content=Content(f"{secret}-edited"))
        await chat.do("ann", edited)
        await chat.do("ann", asked.Delete("id", "k3", conversation=ROOM, seq=1))
        page = await chat.page("bob", ROOM)
        assert all(entry.content is None for entry in page.messages)
        assert page.messages[0].deleted_seq == 3
    for file in (tmp_path / "data").glob("store.db*"):
        assert secret.encode() not in file.read_bytes()


async def test_an_edit_shows_in_its_target_and_in_its_own_entry(chat: Chat) -> None:
    await chat.do("ann", message("k"))
    await chat.do("ann", asked.Edit("id", "k2", conversation=ROOM, seq=1, content=Content("better")))
    target, edit = (await chat.page("bob", ROOM)).messages
    assert (target.content, target.edited_seq) == (Content("better"), 2)
    assert (edit.kind, edit.content, edit.target_seq) == ("edit", Content("better"), 1)


async def test_reactions_come_with_their_message(chat: Chat) -> None:
    await chat.do("ann", message("k"))
    for user, emoji, removed in (("bob", "👍", False), ("ann", "👍", False), ("bob", "👍", True)):
        frame = asked.React("id", chat.key(), conversation=ROOM, seq=1, emoji=emoji, removed=removed)
        await chat.do(user, frame)
    entry = (await chat.page("ann", ROOM)).messages[0]
    assert [(reaction.user, reaction.emoji) for reaction in entry.reactions] == [("ann", "👍")]


@pytest.mark.parametrize(
    ("frame", "field", "words"),
    [
        (asked.Send("id", "k", content=Content("x")), "to", "neither of conversation and to"),
        (asked.Send("id", "k", content=Content("x"), to="bob", conversation=ROOM), "to", "both of conversation and to"),
        (asked.Send("id", "k", content=Content("x"), to=" bob"), "to", "allowed are 1 to 128 characters"),
        (asked.Send("id", "", content=Content("x"), to="bob"), "client_msg_id", "allowed are 1 to 64 characters"),
        (asked.Send("id", "k", content=Content("  "), to="bob"), "content.text", "write something"),
        (asked.Send("id", "k", content=Content("x" * 16_385), to="bob"), "content.text", "at most 16384 bytes"),
        (asked.Send("id", "k", content=Content("x", "text"), to="bob"), "content.content_type", "such as text/plain"),
        (asked.Send("id", "k", content=Content("x", reply_to=0), to="bob"), "content.reply_to", "1 or more"),
        (asked.Send("id", "k", content=Content("x"), conversation="general"), "conversation", "is a UUID"),
        (asked.Edit("id", "k", conversation=ROOM, seq=0, content=Content("x")), "seq", "seq is 0; allowed is 1"),
        (asked.React("id", "k", conversation=ROOM, seq=1, emoji="two words"), "emoji", "without spaces"),
        (asked.CreateGroup("id", "k", title=" "), "title", "allowed are 1 to 200 characters"),
        (asked.CreateGroup("id", "k", title="x", members=("a\n",)), "members", "control characters"),
        (asked.AddMembers("id", "k", conversation=ROOM, members=()), "members", "name at least one"),
        (asked.ChangeSettings("id", "k", conversation=ROOM), "title", "at least one setting"),
        (asked.SetRole("id", "k", conversation=ROOM, user="bob", role="king"), "role", "owner, admin, member"),
    ],
)
async def test_a_bad_field_is_refused_by_name_with_what_is_allowed(
    chat: Chat, frame: AnyChange, field: str, words: str
) -> None:
    refused = await chat.refused("ann", frame)
    assert refused.field == field
    assert words in refused.message
    assert refused.id == "id"
    assert not refused.retryable


async def test_one_bad_item_of_a_batch_does_not_touch_the_others(chat: Chat) -> None:
    frames = [message("a"), message("b", " "), message("c")]
    replies = await chat.service.call([Call("ann", "phone", frame) for frame in frames])
    await chat.settle()
    assert [type(reply.frame).__name__ for reply in replies] == ["Ack", "ErrorFrame", "Ack"]
    assert [entry.client_msg_id for entry in (await chat.page("ann", ROOM)).messages] == ["a", "c"]

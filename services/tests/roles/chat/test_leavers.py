"""G7 for those who left: a conversation is to them what it was when they went."""

from collections.abc import AsyncIterator

import pytest

from parley.domain.content import Content
from parley.protocol import client_frames as asked
from parley.protocol.server_frames import Receipt
from parley.protocol.views import Watermark
from tests.roles.chat.running import Chat, running_chat


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with running_chat() as ready:
        yield ready


@pytest.fixture
async def group(chat: Chat) -> str:
    """Bob left at seq 5, with three messages behind him; cho and ann go on."""
    group = await chat.group("ann", "bob", "cho")
    for text in ("one", "two", "three"):
        await chat.say("ann", text, conversation=group)
    await chat.do("bob", asked.Leave("id", chat.key(), conversation=group))
    return group


async def test_g7_a_text_that_was_edited_after_one_left_is_not_shown(chat: Chat, group: str) -> None:
    await chat.do("ann", asked.Edit("id", chat.key(), conversation=group, seq=3, content=Content("later")))
    await chat.do("ann", asked.React("id", chat.key(), conversation=group, seq=2, emoji="🎉"))
    one, two, three = (await chat.page("bob", group)).messages[1:4]
    assert (one.content, one.reactions) == (Content("one"), ())
    assert (two.content, two.redacted, two.edited_seq, two.edited_at) == (None, True, None, None)
    assert three.content == Content("three")
    assert (await chat.page("cho", group)).messages[2].content == Content("later")


async def test_g7_an_edit_of_ones_time_does_not_tell_what_a_later_one_says(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    await chat.say("ann", "one", conversation=group)
    await chat.do("ann", asked.Edit("id", chat.key(), conversation=group, seq=2, content=Content("second")))
    await chat.do("bob", asked.Leave("id", chat.key(), conversation=group))
    before = (await chat.page("bob", group)).messages
    assert before[1].content == before[2].content == Content("second")
    await chat.do("ann", asked.Edit("id", chat.key(), conversation=group, seq=2, content=Content("third")))
    after = (await chat.page("bob", group)).messages
    assert [(entry.content, entry.redacted) for entry in after[1:3]] == [(None, True)] * 2


async def test_a_text_that_was_deleted_after_one_left_is_gone_for_him_too(chat: Chat, group: str) -> None:
    await chat.do("ann", asked.Delete("id", chat.key(), conversation=group, seq=3))
    two = (await chat.page("bob", group)).messages[2]
    assert two.content is None
    assert two.deleted_seq is not None


async def test_g7_title_members_and_progress_are_those_of_the_moment_one_left(chat: Chat, group: str) -> None:
    await chat.do("ann", asked.ChangeSettings("id", chat.key(), conversation=group, title="Without Bob"))
    await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("dan", "eve")))
    await chat.mark("cho", group, read=6)
    view = await chat.view("bob", group)
    assert view is not None
    assert (view.title, view.member_count, view.role, view.head, view.watermarks) == ("Group", 2, None, 5, {})
    await chat.mark("bob", group, read=4)
    assert (await chat.get(Receipt, "bob", asked.Receipts("id", group))).watermarks == {"bob": Watermark(4, 4)}


async def test_what_was_said_while_one_was_away_is_not_unread(chat: Chat, group: str) -> None:
    await chat.mark("bob", group, read=2)
    await chat.say("ann", "away", conversation=group)
    await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("bob",)))
    await chat.say("ann", "back", conversation=group)
    view = await chat.view("bob", group)
    assert view is not None
    assert view.unread == 3
    await chat.mark("bob", group, read=6)
    assert (await chat.backends.watermarks.of_conversation(group))["bob"].read == 5

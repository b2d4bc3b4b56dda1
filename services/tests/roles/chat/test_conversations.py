"""Direct conversations, groups, what members may see (G7), and lists."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.domain.content import Content
from parley.protocol import client_frames as asked
from parley.protocol.server_frames import Ack, ConversationPage, MemberList, ReadByList, Receipt, Resumed
from parley.protocol.views import Gap, Watermark
from tests.roles.chat.running import Chat, direct, running_chat


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    async with running_chat() as ready:
        yield ready


def texts(page: object) -> list[str | None]:
    return [entry.content.text if entry.content else None for entry in page.messages]  # type: ignore[attr-defined]


async def test_g2_both_write_first_at_once_and_it_is_one_conversation(chat: Chat) -> None:
    one, other = await asyncio.gather(
        chat.get(Ack, "ann", chat.send("from ann", to="bob")), chat.get(Ack, "bob", chat.send("from bob", to="ann"))
    )
    await chat.settle()
    assert one.conversation == other.conversation == direct("ann", "bob")
    pages = [await chat.page(user, one.conversation) for user in ("ann", "bob")]
    assert sorted(t for t in texts(pages[0]) if t) == ["from ann", "from bob"]
    assert pages[0].messages == pages[1].messages


async def test_a_note_to_oneself_is_a_conversation(chat: Chat) -> None:
    notes = await chat.say("ann", "buy milk", to="ann")
    view = await chat.view("ann", notes)
    assert view is not None
    assert (view.peer, view.member_count) == ("ann", 1)


async def test_g7_who_was_removed_sees_his_removal_and_nothing_after_it(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    await chat.say("ann", "for both", conversation=group)
    await chat.do("ann", asked.RemoveMember("id", chat.key(), conversation=group, user="bob"))
    await chat.say("ann", "secret", conversation=group)
    page = await chat.page("bob", group)
    assert [entry.kind for entry in page.messages] == ["created", "message", "removed"]
    assert (page.head, page.last, page.more) == (3, 3, False)
    view = await chat.view("bob", group)
    assert view is not None
    assert (view.head, view.visible, view.role) == (3, 3, None)
    assert (await chat.page("bob", group, after=3)).messages == ()
    await chat.mark("bob", group, delivered=99, read=99)
    assert (await chat.backends.watermarks.of_conversation(group))["bob"].read == 3
    await chat.ask("bob", chat.send("hello?", conversation=group))
    await chat.settle()
    assert "hello?" not in texts(await chat.page("ann", group))
    for frame in (
        asked.Members("id", group),
        asked.AddMembers("id", chat.key(), conversation=group, members=("bob",)),
    ):
        assert (await chat.refused("bob", frame)).code == "not_a_member"
    assert (await chat.refused("bob", asked.ReadBy("id", group, 4))).code == "message_not_found"


async def test_g7_who_joins_sees_from_then_on_and_everything_once_the_history_is_open(chat: Chat) -> None:
    group = await chat.group("ann")
    await chat.say("ann", "before", conversation=group)
    await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("bob",)))
    await chat.say("ann", "after", conversation=group)
    page = await chat.page("bob", group, after=0)
    assert [entry.seq for entry in page.messages] == [3, 4]
    assert page.gaps == (Gap(1, 2, closed=True),)
    await chat.do("ann", asked.ChangeSettings("id", chat.key(), conversation=group, open_history=True))
    assert [entry.seq for entry in (await chat.page("bob", group, after=0)).messages] == [1, 2, 3, 4, 5]


async def test_g7_changes_of_a_message_that_one_may_not_see_show_nothing_of_it(chat: Chat) -> None:
    group = await chat.group("ann")
    await chat.say("ann", "hidden", conversation=group)
    await chat.do("ann", asked.AddMembers("id", chat.key(), conversation=group, members=("bob",)))
    await chat.do("ann", asked.Edit("id", chat.key(), conversation=group, seq=2, content=Content("still hidden")))
    await chat.do("ann", asked.React("id", chat.key(), conversation=group, seq=2, emoji="🤫"))
    edit, reaction = (await chat.page("bob", group)).messages[-2:]
    for entry in (edit, reaction):
        assert entry.redacted
        assert (entry.content, entry.emoji, entry.target_seq) == (None, None, None)
    assert (await chat.page("ann", group)).messages[-2].content == Content("still hidden")


async def test_the_life_of_a_group(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    await chat.do("ann", asked.SetRole("id", chat.key(), conversation=group, user="bob", role="admin"))
    await chat.do("bob", asked.ChangeSettings("id", chat.key(), conversation=group, title="Renamed"))
    await chat.do("bob", asked.AddMembers("id", chat.key(), conversation=group, members=("cho", "dan")))
    await chat.do("bob", asked.RemoveMember("id", chat.key(), conversation=group, user="dan"))
    refused = await chat.refused("bob", asked.RemoveMember("id", chat.key(), conversation=group, user="ann"))
    assert refused.code == "forbidden"
    assert (await chat.refused("ann", asked.Leave("id", chat.key(), conversation=group))).code == "last_owner"
    await chat.do("ann", asked.SetRole("id", chat.key(), conversation=group, user="bob", role="owner"))
    await chat.do("ann", asked.Leave("id", chat.key(), conversation=group))
    members = await chat.get(MemberList, "cho", asked.Members("id", group))
    assert [(m.user, m.role, m.joined_seq) for m in members.members] == [("bob", "owner", 1), ("cho", "member", 4)]
    view = await chat.view("cho", group)
    assert view is not None
    assert (view.title, view.member_count, view.kind) == ("Renamed", 2, "group")


async def test_a_group_may_be_written_to_as_soon_as_its_creation_is_acknowledged(chat: Chat) -> None:
    frame = asked.CreateGroup("id", chat.key(), title="Quick", members=("bob",))
    ack = await chat.get(Ack, "ann", frame)
    await chat.get(Ack, "ann", chat.send("at once", conversation=ack.conversation))
    await chat.settle()
    assert texts(await chat.page("bob", ack.conversation))[-1] == "at once"


async def test_unread_counts_messages_alone_and_stops_at_the_mark(chat: Chat) -> None:
    group = await chat.group("ann", "bob")
    for number in range(3):
        await chat.say("ann", f"{number}", conversation=group)
    await chat.do("ann", asked.Edit("id", chat.key(), conversation=group, seq=2, content=Content("x")))
    counts = []
    for read in (0, 2, 3, 5):
        await chat.mark("bob", group, read=read)
        view = await chat.view("bob", group)
        assert view is not None
        counts.append(view.unread)
    assert counts == [3, 2, 1, 0]


async def test_receipts_and_readers_are_told_to_members(chat: Chat) -> None:
    group = await chat.group("ann", "bob", "cho")
    await chat.say("ann", "hello", conversation=group)
    waiting = await chat.get(ReadByList, "ann", asked.ReadBy("id", group, 2))
    assert (waiting.delivered, waiting.read) == ((), ())
    assert waiting.undelivered_since is not None
    await chat.mark("bob", group, delivered=2)
    await chat.mark("cho", group, read=2)
    readers = await chat.get(ReadByList, "ann", asked.ReadBy("id", group, 2))
    assert (readers.delivered, readers.read, readers.undelivered_since) == (("bob", "cho"), ("cho",), None)
    receipt = await chat.get(Receipt, "ann", asked.Receipts("id", group))
    assert receipt.watermarks == {"bob": Watermark(2, 0), "cho": Watermark(2, 2)}


async def test_lists_come_in_pages_that_neither_repeat_nor_skip(chat: Chat) -> None:
    made = {await chat.say("ann", "hi", to=f"user{number}") for number in range(7)}
    seen: list[str] = []
    token: str | None = None
    while True:
        page = await chat.get(ConversationPage, "ann", asked.Conversations("id", token, 3))
        seen += [view.conversation for view in page.conversations]
        token = page.next_page_token
        if token is None:
            break
    assert len(seen) == 7
    assert set(seen) == made
    assert (await chat.refused("ann", asked.Conversations("id", "%%%"))).field == "page_token"


async def test_g3_a_resume_names_only_what_changed_and_every_gap(chat: Chat) -> None:
    quiet = await chat.say("ann", "hi", to="bob")
    busy = await chat.say("ann", "0", to="cho")
    for number in range(1, 130):
        await chat.get(Ack, "ann", chat.send(f"{number}", conversation=busy))
    await chat.settle()
    resumed = await chat.get(Resumed, "ann", asked.Resume("id", {quiet: 1, busy: 10}))
    (view,) = resumed.conversations
    assert view.conversation == busy
    assert [entry.seq for entry in view.messages] == list(range(31, 131))
    assert view.gaps == (Gap(11, 30),)
    assert (await chat.get(Resumed, "ann", asked.Resume("id", {quiet: 1, busy: 130}))).conversations == ()


async def test_pages_have_a_default_and_a_largest_size(chat: Chat) -> None:
    room = await chat.say("ann", "0", to="bob")
    for number in range(1, 210):
        await chat.get(Ack, "ann", chat.send(f"{number}", conversation=room))
    await chat.settle()
    newest = await chat.page("bob", room)
    assert [newest.first, newest.last, newest.more] == [161, 210, True]
    assert len((await chat.page("bob", room, after=0, limit=200)).messages) == 200
    for limit in (0, 201, -1):
        refused = await chat.refused("bob", asked.Sync("id", room, limit=limit))
        assert refused.message == f"limit is {limit}; allowed are 1 to 200"
    assert (await chat.refused("bob", asked.Sync("id", room, after=1, before=5))).field == "after"

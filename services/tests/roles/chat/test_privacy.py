"""G3 and G7 over whole histories: what any answer shows a user was written while he was a member."""

import random
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from parley.domain.content import Content
from parley.domain.conversation import Conversation
from parley.domain.fold import Sequenced
from parley.domain.records import Role
from parley.protocol import client_frames as asked
from parley.protocol.calls import Call
from parley.protocol.server_frames import Page
from parley.protocol.views import ConversationView, EntryView
from parley.roles.chat.changes import AnyChange, record_of
from parley.runtime.settings import load_settings
from tests.domain.folding import GROUP, Folding
from tests.roles.chat.running import Chat, running_chat

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHANGES = 120
USERS = ("ann", "bob", "cho", "dan")
SECRET = re.compile(r"secret-\d+")
LIMITS = load_settings().limits()


class History:
    """A group's random life, written to a chat service and folded beside it; `written` tells which seq said what."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folding = Folding(GROUP)
        self.written: dict[str, int] = {}
        self.messages: list[int] = []

    @property
    def state(self) -> Conversation:
        """What the group is now, according to the fold alone."""
        return self.folding.state

    async def live(self, chat: Chat, changes: int) -> None:
        """Make changes, some of which are refused."""
        await self._make(chat, "ann", asked.CreateGroup("id", "create", title=self._secret(), members=("bob",)))
        for number in range(changes):
            await self._make(chat, self.chance.choice(USERS), self._change(f"key-{number}"))
        await chat.settle()

    async def _make(self, chat: Chat, user: str, change: AnyChange) -> None:
        record = record_of(change, Call(user, "phone", change), LIMITS)
        outcome = self.folding.fold(user, record.body, record.client_msg_id)
        await chat.ask(user, change)
        if isinstance(outcome, Sequenced):
            seq = outcome.entry.seq
            self.written |= dict.fromkeys(SECRET.findall(msgspec.json.encode(change).decode()), seq)
            if outcome.entry.kind == "message":
                self.messages.append(seq)

    def _change(self, key: str) -> AnyChange:
        user, target = self.chance.choice(USERS), self.chance.choice(self.messages or [1])
        named: dict[str, Any] = {"conversation": GROUP, "client_msg_id": key, "id": "id"}
        content = Content(self._secret())
        changes: list[AnyChange] = [
            asked.Send(**named, content=content),
            asked.Edit(**named, seq=target, content=content),
            asked.React(**named, seq=target, emoji=self._secret()),
            asked.Delete(**named, seq=target),
            asked.AddMembers(**named, members=(user,)),
            asked.RemoveMember(**named, user=user),
            asked.Leave(**named),
            asked.SetRole(**named, user=user, role=self.chance.choice(list(Role))),
            asked.ChangeSettings(**named, title=self._secret(), open_history=self.chance.random() < 0.2),
        ]
        return self.chance.choices(changes, weights=[8, 5, 4, 1, 5, 3, 1, 2, 1])[0]

    def _secret(self) -> str:
        return f"secret-{self.chance.randrange(10**9)}"


async def pages(chat: Chat, user: str) -> list[Page]:
    """The whole history in steps of a few entries."""
    found = [await chat.page(user, GROUP, after=0, limit=4)]
    while found[-1].more:
        found.append(await chat.page(user, GROUP, after=found[-1].last, limit=4))
    return found


def covered(first: int, shown: list[int], gaps: list[tuple[int, int]]) -> list[int]:
    """Every seq that an answer speaks of."""
    return sorted(shown + [seq for low, high in gaps for seq in range(low, high + 1) if seq >= first])


def seqs(entries: tuple[EntryView, ...]) -> list[int]:
    return [entry.seq for entry in entries]


def told(view: ConversationView | EntryView) -> set[str]:
    return set(SECRET.findall(msgspec.json.encode(view).decode()))


@pytest_asyncio.fixture(params=range(12), scope="module", loop_scope="module")
async def lived(request: pytest.FixtureRequest) -> AsyncIterator[tuple[History, Chat]]:
    """A group's life, and the chat service in which it took place; whoever is given it only asks."""
    history = History(request.param)
    async with running_chat() as chat:
        await history.live(chat, CHANGES)
        yield history, chat


async def test_g7_no_answer_shows_what_was_written_while_its_reader_was_no_member(lived: tuple[History, Chat]) -> None:
    history, chat = lived
    for user in USERS:
        seen = [seq for seq in range(1, history.state.head.seq + 1) if history.state.sees(user, seq)]
        view = await chat.view(user, GROUP)
        if not seen:
            assert view is None
            continue
        assert view is not None
        found = await pages(chat, user)
        assert [entry.seq for page in found for entry in page.messages] == seen
        for page in found:
            gaps = [(gap.first, gap.last) for gap in page.gaps]
            assert covered(page.first, seqs(page.messages), gaps) == list(range(page.first, page.last + 1))
            assert all(gap.closed for gap in page.gaps)
        shown = [*view.messages, *(entry for page in found for entry in page.messages)]
        assert all(history.written[secret] in seen for entry in shown for secret in told(entry))
        settings_told = told(msgspec.structs.replace(view, messages=()))
        assert all(history.written[secret] <= seen[-1] for secret in settings_told)


async def test_g7_chat_and_fold_agree_on_every_entry(lived: tuple[History, Chat]) -> None:
    history, chat = lived
    stored = (await chat.backends.reader.slice(GROUP, 1, 1000)).entries
    assert [(entry.seq, entry.kind) for entry in stored] == [
        (entry.seq, entry.kind) for entry in history.folding.entries.values()
    ]
    assert len(stored) == history.state.head.seq > 1


async def test_g3_a_resume_names_every_seq_after_the_cursor_once(lived: tuple[History, Chat]) -> None:
    history, chat = lived
    for cursor in (0, 5, 20):
        view = await chat.view("bob", GROUP, cursor=cursor)
        if view is None:
            assert not any(history.state.sees("bob", seq) for seq in range(cursor + 1, history.state.head.seq + 1))
            continue
        gaps = [(gap.first, gap.last) for gap in view.gaps]
        assert covered(cursor + 1, seqs(view.messages), gaps) == list(range(cursor + 1, view.visible + 1))

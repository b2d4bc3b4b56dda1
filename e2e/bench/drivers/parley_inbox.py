"""The order of a Parley client's conversations: what is new is told once and in order, holes are asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from e2e.bench.contract import Direct, Group, Place
from parley.protocol.client_frames import ClientFrame, Received, Sync
from parley.protocol.server_frames import HeadHint, Message, Page
from parley.protocol.views import ConversationView, EntryView

CONFIRM_EVERY: Final = 16
"""The SDK says `received` after a while or so many messages; here only the count matters."""
PAGE: Final = 100
_SYNC: Final = "sync-"


@dataclass(slots=True)
class _Conversation:
    place: Place | None = None
    cursor: int = 0
    confirmed: int = 0
    wanted: int = 0
    """There is something up to this seq that has to be asked for."""
    asked: bool = False


class Inbox:
    """Pure but for its two callables: `say` sends a frame, `tell` gets each new entry once and in order."""

    __slots__ = ("_conversations", "_places", "_say", "_tell", "_user")

    def __init__(
        self,
        user: str,
        places: dict[str, Place],
        say: Callable[[ClientFrame], None],
        tell: Callable[[Place, EntryView], None],
        cursors: dict[str, int],
    ) -> None:
        """`places` are the groups by their conversation's id; `cursors` is how far an earlier client got."""
        self._user, self._places, self._say, self._tell = user, places, say, tell
        self._conversations = {name: _Conversation(places.get(name), at) for name, at in cursors.items()}

    def cursors(self) -> dict[str, int]:
        """How far everything is complete."""
        return {name: one.cursor for name, one in self._conversations.items() if one.cursor}

    def place(self, conversation: str) -> Place | None:
        """What a conversation is; None when nothing of somebody else was seen there."""
        return self._conversation(conversation).place

    def begin(self, views: Iterable[ConversationView], *, anew: bool) -> None:
        """Take the conversations that a welcome names; `anew`: whatever was said before is of no interest."""
        for view in views:
            one = self._conversation(view.conversation)
            if view.peer is not None:
                one.place = Direct.of(self._user, view.peer)
            if anew:
                one.cursor = one.confirmed = view.visible
            elif view.visible > one.cursor:
                self._want(view.conversation, one, view.visible)

    def message(self, frame: Message) -> None:
        """Take what was pushed."""
        one, seq = self._conversation(frame.conversation), frame.entry.seq
        if seq == one.cursor + 1:
            self._take(frame.conversation, one, frame.entry)
        elif seq > one.cursor:
            self._want(frame.conversation, one, seq)

    def hint(self, frame: HeadHint) -> None:
        """Ask for what the server did not push."""
        for name, head in frame.heads.items():
            one = self._conversation(name)
            if head > one.cursor:
                self._want(name, one, head)

    def page(self, frame: Page) -> bool:
        """Take a page that was asked for here; False when it was not."""
        if not frame.id.startswith(_SYNC):
            return False
        one = self._conversation(frame.conversation)
        one.asked = False
        for entry in frame.messages:
            if entry.seq > one.cursor:
                self._take(frame.conversation, one, entry)
        one.cursor = max(one.cursor, frame.last)
        self._confirm(frame.conversation, one)
        if one.wanted > one.cursor:
            self._want(frame.conversation, one, one.wanted)
        return True

    def _conversation(self, name: str) -> _Conversation:
        one = self._conversations.get(name)
        if one is None:
            one = self._conversations[name] = _Conversation(self._places.get(name))
        return one

    def _want(self, name: str, one: _Conversation, seq: int) -> None:
        one.wanted = max(one.wanted, seq)
        if not one.asked:
            one.asked = True
            self._say(Sync(f"{_SYNC}{name}", name, after=one.cursor, limit=PAGE))

    def _take(self, name: str, one: _Conversation, entry: EntryView) -> None:
        one.cursor = entry.seq
        if one.cursor - one.confirmed >= CONFIRM_EVERY:
            self._confirm(name, one)
        if entry.kind != "message":
            return
        if one.place is None:
            mine = entry.sender == self._user
            one.place = self._places.get(name) if mine else Direct.of(self._user, entry.sender)
        if one.place is not None:
            self._tell(one.place, entry)

    def _confirm(self, name: str, one: _Conversation) -> None:
        one.confirmed = one.cursor
        self._say(Received({name: one.cursor}))


def groups_of(parameters: dict[str, str]) -> dict[str, Place]:
    """The groups that a target's parameters name as `group:NAME` = conversation."""
    found = {name.partition(":")[2]: value for name, value in parameters.items() if name.startswith("group:")}
    return {conversation: Group(name) for name, conversation in found.items()}

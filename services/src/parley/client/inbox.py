"""What the server says, applied to what is known. Pure: frames in; frames to send and events out."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from parley.client.conversation import ConversationState, Push
from parley.client.events import ConversationEvent, Event, MessageEvent
from parley.client.timeline import Timeline
from parley.protocol import client_frames as asked
from parley.protocol import server_frames as told
from parley.protocol.views import ConversationView, EntryView

PAGE: Final = 200
FAR_BEHIND: Final = 400
RECEIVED_MS: Final = 100
Start = Literal["now", "beginning"]


@dataclass(slots=True)
class Inbox:
    """Keeps every conversation in its order, and asks for what is missing.

    With `complete` an application sees every visible entry exactly once, in order, from where it began. Without it
    the newest entries are enough, and what lies in an open gap before them is passed over. With `keep` entries are
    held in a timeline per conversation.
    """

    user: str
    complete: bool
    start: Start
    keep: bool
    number: Callable[[str], str]
    settle: Callable[[str, EntryView], None]
    conversations: dict[str, ConversationState] = field(default_factory=dict)
    frames: list[asked.AnyClientFrame] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    received_at: float = math.inf
    window_frames: int = 256
    _greeted: bool = False
    _unconfirmed: int = 0
    _marks: dict[str, int] = field(default_factory=dict)
    _syncing: dict[str, str] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)

    def cursors(self) -> dict[str, int]:
        """Where every conversation stands that has begun."""
        return {name: state.cursor for name, state in self.conversations.items() if state.begun}

    def disconnected(self) -> None:
        """Nothing is under way any more."""
        self._syncing.clear()
        self._marks.clear()
        self._unconfirmed = 0
        self.received_at = math.inf

    def welcomed(self) -> None:
        """Ask for marks that may have moved without any entry; before `changed` tells what else did."""
        self._waiting = {name for name, state in self.conversations.items() if state.begun and state.waits_for_marks()}

    def changed(self, views: tuple[ConversationView, ...], *, more: bool, now: float) -> None:
        """Take the conversations that changed since the cursors."""
        for view in views:
            self._take_view(view, now)
            self._waiting.discard(view.conversation)
        self.frames += [asked.Receipts(self.number("receipts"), name) for name in sorted(self._waiting)]
        self._waiting.clear()
        if more:
            self.frames.append(asked.Conversations(self.number("list"), limit=PAGE))
        self._greeted = True

    def listed(self, frame: told.ConversationPage, now: float) -> None:
        """Take a page of the list; entries of what is new are asked for."""
        for view in frame.conversations:
            self._take_view(view, now)
        if frame.next_page_token is not None and frame.id.startswith("list-"):
            self.frames.append(asked.Conversations(self.number("list"), frame.next_page_token, PAGE))

    def message(self, frame: told.Message, now: float) -> None:
        """Take a pushed entry."""
        state = self.state(frame.conversation)
        outcome, fresh = state.push(frame.entry)
        if outcome is Push.KNOWN:
            self._mark(state, now)
            return
        if state.view is None:
            self.frames.append(asked.Describe(self.number("describe"), frame.conversation))
        if outcome is Push.AHEAD:
            self.settle(frame.conversation, frame.entry)
            self.sync(state)
        self._tell(state, fresh, now)

    def page(self, frame: told.Page, now: float) -> None:
        """Take the page that a hole was waiting for; other pages belong to whoever asked."""
        state = self.state(frame.conversation)
        if self._syncing.get(frame.conversation) != frame.id:
            return
        del self._syncing[frame.conversation]
        newest = frame.id.startswith("newest-")
        self._tell(state, state.take_newest_page(frame) if newest else state.take_after(frame), now)
        if (frame.more and not newest) or state.parked:
            self.sync(state)

    def hint(self, frame: told.HeadHint) -> None:
        """Read what the server could not push."""
        for name, head in frame.heads.items():
            state = self.state(name)
            if head > state.cursor or not state.begun:
                state.visible = max(state.visible, head)
                self.sync(state)

    def refused(self, identifier: str) -> None:
        """A page cannot be had; the next push asks again."""
        self._syncing = {name: request for name, request in self._syncing.items() if request != identifier}

    def sync(self, state: ConversationState) -> None:
        """Ask for what follows the cursor, one page at a time; far behind, the newest page will do where it may."""
        if state.id in self._syncing:
            return
        far = not self.complete and state.begun and state.visible - state.cursor > FAR_BEHIND
        identifier = self.number("newest" if far else "sync")
        self._syncing[state.id] = identifier
        if far:
            self.frames.append(asked.Sync(identifier, state.id, limit=PAGE // 2))
        else:
            self.frames.append(asked.Sync(identifier, state.id, after=state.cursor, limit=PAGE))

    def state(self, conversation: str) -> ConversationState:
        """What is known of a conversation."""
        known = self.conversations.get(conversation)
        if known is None:
            known = self.conversations[conversation] = ConversationState(conversation, self.user)
            known.timeline = Timeline() if self.keep else None
        return known

    def confirm(self) -> None:
        """Say how far everything was received."""
        self.received_at = math.inf
        self._unconfirmed = 0
        cursors = {name: cursor for name, cursor in self._marks.items() if cursor > 0}
        self._marks.clear()
        if cursors:
            self.frames.append(asked.Received(cursors))

    def _take_view(self, view: ConversationView, now: float) -> None:
        state = self.state(view.conversation)
        state.describe(view)
        if not state.begun and not self._greeted and self.complete and self.start == "now":
            state.begin_at(view.visible)
            self._mark(state, now)
        elif any(not gap.closed for gap in view.gaps) and self.complete:
            for entry in view.messages:
                self.settle(view.conversation, entry)
            self.sync(state)
        elif view.messages or view.gaps:
            self._tell(state, state.take_newest(view), now)
        elif view.visible > state.cursor:
            self.sync(state)
        self.events.append(ConversationEvent(view.conversation))

    def _tell(self, state: ConversationState, fresh: list[EntryView], now: float) -> None:
        for entry in fresh:
            self.settle(state.id, entry)
            self.events.append(MessageEvent(state.id, entry))
        own = [entry.seq for entry in fresh if entry.sender == self.user]
        if own and own[-1] > state.read:
            state.read_up_to(own[-1])
            self.frames.append(asked.Read(state.id, own[-1]))
        self._unconfirmed += len(fresh)
        self._mark(state, now)

    def _mark(self, state: ConversationState, now: float) -> None:
        if not state.begun:
            return
        self._marks[state.id] = state.cursor
        if self._unconfirmed >= self.window_frames / 4:
            self.confirm()
        else:
            self.received_at = min(self.received_at, now + RECEIVED_MS)

"""G2, G3 and G4 at the client: whatever is pushed, lost, paged or cut off in between, in the end it has it all."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.client.core import Core
from parley.client.events import MessageEvent, SettledEvent, State
from parley.client.timeline import Timeline
from parley.domain.content import Content
from parley.protocol import client_frames as asked
from parley.protocol import server_frames as told
from parley.protocol.views import EntryView
from tests.client.model_server import CONVERSATION, ModelServer

SYNC_LIMIT = 5


class Wire:
    """One client and the model server, with a network between them that loses what it is told to lose."""

    def __init__(self, *, complete: bool) -> None:
        self.server = ModelServer()
        self.now = 1_000.0
        self.core = Core("ann", "phone", lambda: 0.5, complete=complete, start="beginning", keep=True)
        self.told: list[EntryView] = []
        self.settled: list[tuple[str, int]] = []
        self.inbound: list[told.AnyServerFrame] = []
        self.outbound: list[asked.AnyClientFrame] = []
        self.keys: dict[str, EntryView] = {}
        self.registered = False
        self.own = 0
        self.core.start(self.now)

    def new_key(self) -> str:
        """A key that was not used before."""
        self.own += 1
        return f"own-{self.own}"

    def turn(self) -> None:
        """Let time pass, and let the client do what is due."""
        self.now += 50
        if self.core.tick(self.now) == "connect":
            self.core.connected("token", self.now)
        self._drain()

    def _drain(self) -> None:
        frames, events = self.core.take()
        self.outbound += frames
        for event in events:
            if isinstance(event, MessageEvent):
                self.told.append(event.entry)
            elif isinstance(event, SettledEvent):
                self.settled.append((event.key, event.seq))

    def serve(self) -> None:
        """Let the server handle the oldest frame that arrived."""
        if self.outbound:
            self._answer(self.outbound.pop(0))

    def deliver(self) -> None:
        """Let the oldest frame of the server arrive."""
        if self.inbound:
            self.core.receive(self.inbound.pop(0), self.now)
            self._drain()

    def lose(self) -> None:
        """Lose a push; the server hints at the head instead, as it does for slow readers."""
        pushes = [frame for frame in self.inbound if isinstance(frame, told.Message)]
        if pushes:
            self.inbound.remove(pushes[0])
            self.inbound.append(told.HeadHint({CONVERSATION: pushes[0].entry.seq}))

    def cut(self) -> None:
        """Cut the connection: everything under way is lost."""
        if self.core.state is State.ONLINE or self.registered:
            self.registered = False
            self.inbound.clear()
            self.outbound.clear()
            self.core.disconnected(1006, self.now)
            self._drain()

    def push(self, entry: EntryView) -> None:
        """Push an entry to a client that has said hello: it was registered before its heads were read."""
        if self.registered:
            self.inbound.append(told.Message(CONVERSATION, entry))

    def finish(self) -> None:
        """Let everything settle."""
        for _ in range(2_000):
            self.turn()
            while self.outbound:
                self.serve()
            while self.inbound:
                self.deliver()
            state = self.core.inbox.state(CONVERSATION)
            done = state.cursor == self.server.head and not self.core.outbox.changes
            if done and self.core.state is State.ONLINE:
                return
        raise AssertionError("the client never settled")

    def _answer(self, frame: asked.AnyClientFrame) -> None:
        match frame:
            case asked.Hello():
                self.registered = True
                view = self.server.view(frame.cursors.get(CONVERSATION, 0), SYNC_LIMIT)
                changed = (view,) if self.server.head > frame.cursors.get(CONVERSATION, -1) else ()
                self.inbound.append(told.Welcome("ann", "s", 30_000, 256, 1_000_000, "", changed))
            case asked.Sync():
                self.inbound.append(
                    self.server.page(frame.id, after=frame.after, before=frame.before, limit=SYNC_LIMIT)
                )
            case asked.Send():
                self._accept(frame)
            case asked.Describe():
                self.inbound.append(told.ConversationPage(frame.id, (self.server.view(self.server.head, 0),)))
            case asked.Ping():
                self.inbound.append(told.Pong(frame.id))
            case _:
                pass

    def _accept(self, frame: asked.Send) -> None:
        self.inbound.append(told.Ack(frame.id, CONVERSATION, frame.client_msg_id))
        known = self.keys.get(frame.client_msg_id)
        if known is not None and frame.retry:
            self.inbound.append(told.Duplicate(CONVERSATION, frame.client_msg_id, known.seq, known.message_id))
            return
        entry = self.server.append("message", "ann", key=frame.client_msg_id, text=frame.content.text)
        self.keys[frame.client_msg_id] = entry
        self.push(entry)


def act(wire: Wire, action: int, number: int) -> None:
    """One of the things that may happen."""
    server = wire.server
    messages = [entry.seq for entry in server.log if entry.kind == "message"]
    target = messages[number % len(messages)] if messages else None
    steps: list[Callable[[], object]] = [
        wire.turn, wire.serve, wire.deliver, wire.deliver, wire.lose, wire.cut,
        lambda: wire.push(server.append("message", "bob", text=f"text {number}")),
        lambda: wire.core.change(CONVERSATION, send(wire.new_key()), wire.now),
        lambda: wire.push(server.append("edit", "bob", target=target, text=f"edited {number}")),
        lambda: wire.push(server.append("delete", "bob", target=target)),
        lambda: wire.push(server.append("reaction", "bob", target=target, text="-+"[number % 2 :] + "1")),
    ]  # fmt: skip
    if target is not None or action < len(steps) - 3:
        steps[action % len(steps)]()
    wire._drain()


def send(key: str) -> asked.Send:
    return asked.Send("", key, content=Content("mine"), conversation=CONVERSATION)


actions = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 7)), max_size=80)


@settings(max_examples=300, deadline=None)
@given(actions)
def test_g2_g3_a_complete_client_is_given_every_entry_once_and_in_order(script: list[tuple[int, int]]) -> None:
    wire = Wire(complete=True)
    for action, number in script:
        act(wire, action, number)
    wire.server.append("message", "bob", text="the end")
    wire.cut()
    wire.finish()
    assert [entry.seq for entry in wire.told] == list(range(1, wire.server.head + 1))


@settings(max_examples=300, deadline=None)
@given(actions, st.booleans())
def test_g3_what_is_shown_in_the_end_is_what_the_server_has(script: list[tuple[int, int]], complete: bool) -> None:  # noqa: FBT001
    wire = Wire(complete=complete)
    for action, number in script:
        act(wire, action, number)
    wire.server.append("message", "bob", text="the end")
    wire.cut()
    wire.finish()
    timeline = wire.core.inbox.state(CONVERSATION).timeline
    assert timeline is not None
    while timeline.has_older:
        page = wire.server.page("older", before=timeline.low, limit=SYNC_LIMIT)
        timeline.hold_older(page.messages, page.first, more=page.more)
    truth = Timeline()
    for seq in range(1, wire.server.head + 1):
        row = wire.server.row(seq)
        if row.kind == "message":
            truth.hold(row)
    assert timeline.messages() == truth.messages()


@settings(max_examples=300, deadline=None)
@given(actions)
def test_g4_every_own_message_is_in_the_order_exactly_once(script: list[tuple[int, int]]) -> None:
    wire = Wire(complete=True)
    for action, number in script:
        act(wire, action, number)
    wire.server.append("message", "bob", text="the end")
    wire.cut()
    wire.finish()
    own = [entry.client_msg_id for entry in wire.server.log if entry.sender == "ann"]
    assert sorted(own) == sorted({key for key, _ in wire.settled})
    assert len(own) == len(set(own))

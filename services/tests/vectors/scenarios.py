"""Scenarios that every SDK plays alike: inputs with their times, and what comes out.

The expected outputs are what the Python machine does, looked at by a person when they change; the JavaScript machine
must do the same. Random numbers are always 0.5.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from parley.client import events as happened
from parley.client.core import Core
from parley.domain.content import Content
from parley.protocol import client_frames as asked
from parley.protocol import server_frames as told
from parley.protocol.views import ConversationView, EntryView, Gap, Watermark
from tests.client.model_server import CONVERSATION, ModelServer

Step = dict[str, Any]
BOB: Final = "bob"


def start(now: int = 0) -> list[Step]:
    """Connect."""
    return [{"do": "start", "now": now}, {"do": "tick", "now": now}, {"do": "connected", "now": now + 10}]


def receive(frame: told.AnyServerFrame, now: int) -> Step:
    return {"do": "receive", "now": now, "frame": msgspec.to_builtins(frame)}


def change(key: str, now: int, text: str = "hello") -> Step:
    return {"do": "send", "now": now, "key": key, "text": text}


def tick(now: int) -> Step:
    return {"do": "tick", "now": now}


def closed(code: int, now: int) -> Step:
    return {"do": "disconnected", "code": code, "now": now}


def welcome(*views: ConversationView, more: bool = False) -> told.Welcome:
    return told.Welcome("ann", "session", 30_000, 16, 1_000_000, "2026-11-25T10:00:00.000Z", views, more=more)


def server_with(messages: int) -> ModelServer:
    server = ModelServer()
    for number in range(messages):
        server.append("message", BOB, text=f"message {number}")
    return server


def scenarios() -> Iterator[tuple[str, list[Step]]]:
    """Every scenario by name."""
    yield from _connecting()
    yield from _reading()
    yield from _writing()
    yield from _changing()


def _connecting() -> Iterator[tuple[str, list[Step]]]:
    yield "a welcome makes the client online", [*start(), receive(welcome(), 20)]
    for code in (0, 1006, 1011, 4000, 4001, 4008, 4010):
        yield f"after close code {code} the client comes back", [
            *start(), receive(welcome(), 20), closed(code, 100), tick(349), tick(350),
        ]  # fmt: skip
    for code in (4500, 4501, 4502):
        yield f"after close code {code} the client stays away", [
            *start(), receive(welcome(), 20), closed(code, 100), tick(100_000),
        ]  # fmt: skip
    yield "three refused tokens in a row are enough", [
        *start(), closed(4400, 100), tick(350), closed(4400, 400), tick(900), closed(4401, 1000), tick(100_000),
    ]  # fmt: skip
    busy = told.ErrorFrame("overloaded", "later", retryable=True, after_ms=4_000)
    yield "an overloaded server is left alone for the time it names, once", [
        *start(), receive(busy, 100), closed(4010, 110), tick(4_359), tick(4_360),
        {"do": "connected", "now": 4_400}, closed(4010, 4_410), tick(4_909), tick(4_910),
    ]  # fmt: skip
    yield "a refused resume is asked again after the time the server names", [
        *start(), receive(welcome(), 20), receive(told.Resync(1_000), 100), tick(600),
        receive(told.ErrorFrame("overloaded", "later", retryable=True, after_ms=4_000, id="resume-1"), 700),
        tick(7_199), tick(7_200),
    ]  # fmt: skip
    yield "waiting doubles with each failure, and begins anew after a welcome", [
        *start(), closed(0, 100), tick(350), closed(0, 400), tick(899), tick(900),
        {"do": "connected", "now": 950}, receive(welcome(), 960), closed(0, 1000), tick(1249), tick(1250),
    ]  # fmt: skip
    yield "a goaway is followed at a moment of its own", [
        *start(), receive(welcome(), 20), receive(told.GoAway(10_000, "stops"), 100), tick(5_099), tick(5_100),
        closed(4000, 5_110),
    ]  # fmt: skip
    yield "a silent client pings, and a silent server is left", [
        *start(), receive(welcome(), 20), tick(24_010), tick(48_020), tick(60_019), tick(60_020),
        closed(4000, 60_030), tick(60_280), closed(0, 60_290),
    ]  # fmt: skip
    yield "a resync sends the cursors again", [
        *start(), receive(welcome(server_with(3).view(0, 9)), 20), receive(told.Resync(1_000), 200), tick(300),
        tick(699), tick(700), receive(told.Resumed("resume-1"), 710),
    ]  # fmt: skip


def _reading() -> Iterator[tuple[str, list[Step]]]:
    server = server_with(5)
    yield "the newest entries of a welcome are shown", [*start(), receive(welcome(server.view(0, 9)), 20), tick(130)]
    yield "an open gap before them is passed over", [*start(), receive(welcome(server.view(0, 2)), 20), tick(130)]
    yield "a known entry is dropped", [
        *start(), receive(welcome(server.view(0, 9)), 20), receive(told.Message(CONVERSATION, server.log[4]), 30),
        tick(200),
    ]  # fmt: skip
    longer = server_with(8)
    pushed = [receive(told.Message(CONVERSATION, longer.log[seq - 1]), 30 + seq) for seq in (6, 7, 8)]
    yield "pushes are applied in order", [*start(), receive(welcome(server.view(0, 9)), 20), *pushed, tick(500)]
    yield "an entry beyond a hole waits until the hole is filled", [
        *start(), receive(welcome(server.view(0, 9)), 20), pushed[2], pushed[1],
        receive(longer.page("sync-1", after=5), 60), tick(500),
    ]  # fmt: skip
    yield "a hint is followed by a sync, page by page", [
        *start(), receive(welcome(server.view(0, 9)), 20), receive(told.HeadHint({CONVERSATION: 8}), 30),
        receive(longer.page("sync-1", after=5, limit=2), 40), receive(longer.page("sync-2", after=7), 50), tick(500),
    ]  # fmt: skip
    far = server_with(600)
    yield "far behind, the newest page will do", [
        *start(), receive(welcome(server.view(0, 9)), 20), receive(told.HeadHint({CONVERSATION: 600}), 30),
        receive(far.page("newest-1", limit=20), 40), tick(500),
    ]  # fmt: skip
    yield "a conversation begins with its first entry", [
        *start(), receive(welcome(), 20), receive(told.Message(CONVERSATION, server.log[0]), 30),
        receive(told.ConversationPage("describe-1", (server_with(1).view(1, 0),)), 40), tick(500),
    ]  # fmt: skip
    added = EntryView(7, "added", BOB, "7000", "k", "2026-11-25T10:00:00.000Z", 6, members=("ann",))
    yield "a conversation begins where one was added", [
        *start(), receive(welcome(), 20), receive(told.Message(CONVERSATION, added), 30), tick(500),
    ]  # fmt: skip
    yield "a conversation met in its middle is read from where one may", [
        *start(), receive(welcome(), 20), receive(told.Message(CONVERSATION, longer.log[7]), 30),
        receive(longer.page("sync-2", after=0), 60), tick(500),
    ]  # fmt: skip
    hidden = ConversationView(
        CONVERSATION, "group", 9, 9, role="member", member_count=3, messages=(longer.row(8),),
        gaps=(Gap(1, 7, closed=True), Gap(9, 9, closed=True)),
    )  # fmt: skip
    yield "closed gaps are stepped over", [*start(), receive(welcome(hidden), 20), tick(500)]
    yield "a quarter of the window is confirmed at once", [
        *start(), receive(welcome(), 20),
        *(receive(told.Message(CONVERSATION, longer.log[seq - 1]), 30 + seq) for seq in range(1, 6)), tick(500),
    ]  # fmt: skip
    yield "more conversations are listed until the end", [
        *start(), receive(welcome(more=True), 20),
        receive(told.ConversationPage("list-1", (server.view(5, 0),), "next"), 30),
        receive(told.ConversationPage("list-2"), 40), tick(500),
    ]  # fmt: skip
    yield "after a reconnect the cursors are sent, and marks that may have moved are asked for", [
        *start(), receive(welcome(server.view(0, 9)), 20), closed(1006, 100), tick(350),
        {"do": "connected", "now": 360}, receive(welcome(), 370), tick(600),
    ]  # fmt: skip
    receipt = told.Receipt(CONVERSATION, {BOB: Watermark(4, 3), "ann": Watermark(5, 5)})
    yield "marks are kept, one's own from another device too", [
        *start(), receive(welcome(server.view(0, 9)), 20), receive(receipt, 30),
        receive(told.Receipt(CONVERSATION, {BOB: Watermark(2, 2)}), 40), tick(500),
    ]  # fmt: skip


def _writing() -> Iterator[tuple[str, list[Step]]]:
    opened = [*start(), receive(welcome(), 20)]
    ack = told.Ack("change-1", CONVERSATION, "k1", "1000")
    echo = told.Message(
        CONVERSATION, EntryView(1, "message", "ann", "1000", "k1", "2026-11-25T10:00:00.000Z", 1, Content("hello"))
    )
    yield "a change is sent at once", [*opened, change("k1", 30)]
    yield "an ack alone does not clear the outbox", [*opened, change("k1", 30), receive(ack, 40)]
    yield (
        "the echo clears the outbox, and is read",
        [*opened, change("k1", 30), receive(ack, 40), receive(echo, 50), tick(500)],
    )
    yield (
        "the echo may come before the ack",
        [*opened, change("k1", 30), receive(echo, 40), receive(ack, 50), tick(500)],
    )
    yield "a duplicate clears the outbox", [
        *opened, change("k1", 30), receive(told.Duplicate(CONVERSATION, "k1", 4, "4000"), 40),
    ]  # fmt: skip
    yield "a late refusal ends the change", [
        *opened, change("k1", 30), receive(ack, 40), receive(told.Failed(CONVERSATION, "k1", "not_a_member", "no"), 50),
    ]  # fmt: skip
    yield "a refusal for good ends the change", [
        *opened, change("k1", 30), receive(told.ErrorFrame("content_too_large", "no", id="change-1"), 40),
    ]  # fmt: skip
    yield "a passing refusal is tried again after the time it names, marked as a retry", [
        *opened, change("k1", 30), receive(told.ErrorFrame("rate_limited", "later", True, 1_000, id="change-1"), 40),
        tick(1_539), tick(1_540),
    ]  # fmt: skip
    yield "what follows a waiting change waits behind it", [
        *opened, change("k1", 30), receive(told.ErrorFrame("unavailable", "later", True, id="change-1"), 40),
        change("k2", 50), tick(539), tick(540),
    ]  # fmt: skip
    yield (
        "without an echo the change is sent again as a retry",
        [*opened, change("k1", 30), receive(ack, 40), tick(10_029), tick(10_030)],
    )
    yield "what was written offline is sent after the welcome", [
        {"do": "start", "now": 0}, change("k1", 1), change("k2", 2), tick(3), {"do": "connected", "now": 10},
        receive(welcome(), 20),
    ]  # fmt: skip
    yield "after a reconnect what was under way is sent again in order", [
        *opened, change("k1", 30), change("k2", 31), receive(ack, 40), closed(1006, 50), tick(300),
        {"do": "connected", "now": 310}, receive(welcome(), 320),
    ]  # fmt: skip


def _changing() -> Iterator[tuple[str, list[Step]]]:
    kinds = {
        "an edit replaces the text": [("edit", "new")],
        "the newest edit wins": [("edit", "new"), ("edit", "newer")],
        "a deletion is for good": [("edit", "new"), ("reaction", "+1"), ("delete", "")],
        "a reaction is set": [("reaction", "+1")],
        "a reaction is taken back": [("reaction", "+1"), ("reaction", "-+1")],
        "a reaction is set again": [("reaction", "+1"), ("reaction", "-+1"), ("reaction", "+1")],
        "two emoji stand beside each other": [("reaction", "+1"), ("reaction", "heart")],
    }
    for name, changes in kinds.items():
        server = server_with(2)
        pushed = [server.append(kind, BOB, target=1, text=text) for kind, text in changes]
        base = server_with(2)
        frames = [receive(told.Message(CONVERSATION, entry), 30 + entry.seq) for entry in pushed]
        yield f"{name}, pushed", [*start(), receive(welcome(base.view(0, 9)), 20), *frames, tick(900)]
        yield f"{name}, in the rows of a welcome", [*start(), receive(welcome(server.view(0, 99)), 20), tick(900)]
        older = [receive(server.page("ask-9", before=2), 800)]
        yield f"{name}, in rows that are loaded later", [
            *start(), receive(welcome(server.view(0, server.head - 1)), 20), *older, tick(900),
        ]  # fmt: skip


def play(steps: list[Step]) -> list[dict[str, Any]]:
    """Drive the Python machine through a scenario; one result per step."""
    core = Core("ann", "phone", lambda: 0.5, complete=False, start="beginning", keep=True)
    return [_result(core, step, _apply(core, step)) for step in steps]


def _apply(core: Core, step: Step) -> str | None:
    now = step["now"]
    match step["do"]:
        case "start":
            core.start(now)
        case "tick":
            return core.tick(now)
        case "connected":
            core.connected("token", now)
        case "disconnected":
            core.disconnected(step["code"], now)
        case "receive":
            frame = msgspec.convert(step["frame"], told.AnyServerFrame)
            core.receive(frame, now)
            if isinstance(frame, told.Page) and frame.id.startswith("ask-"):
                timeline = core.inbox.state(frame.conversation).timeline
                assert timeline is not None
                timeline.hold_older(frame.messages, frame.first, more=frame.more)
        case "send":
            content = Content(step["text"])
            core.change(CONVERSATION, asked.Send("", step["key"], content=content, conversation=CONVERSATION), now)
        case other:
            raise AssertionError(f"no step is called {other}")
    return None


def _result(core: Core, step: Step, action: str | None) -> dict[str, Any]:
    """What came out of a step, and what is known after it."""
    del step
    frames, events = core.take()
    state = core.inbox.conversations.get(CONVERSATION)
    timeline = state.timeline if state else None
    return {
        "action": action,
        "state": str(core.state),
        "frames": [msgspec.to_builtins(frame) for frame in frames],
        "told": [event.entry.seq for event in events if isinstance(event, happened.MessageEvent)],
        "settled": [[event.key, event.seq] for event in events if isinstance(event, happened.SettledEvent)],
        "failed": [[event.key, event.code] for event in events if isinstance(event, happened.FailedEvent)],
        "offline": [
            [event.reason, event.again_in_ms]
            for event in events
            if isinstance(event, happened.StateEvent) and event.state is happened.State.OFFLINE
        ],
        "outbox": [pending.key for pending in core.outbox.changes],
        "cursor": state.cursor if state else 0,
        "unread": state.unread if state else 0,
        "read": state.read if state else 0,
        "has_older": timeline.has_older if timeline else False,
        "messages": [
            [m.seq, m.content.text if m.content else None, m.edited_seq, m.deleted, [list(r) for r in m.reactions]]
            for m in (timeline.messages() if timeline else [])
        ],
        "watermarks": {user: [mark.delivered, mark.read] for user, mark in (state.watermarks if state else {}).items()},
    }

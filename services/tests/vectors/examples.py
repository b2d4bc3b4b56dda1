"""One example of every frame, some of them twice: as short as it may be, and with everything in it."""

from typing import Final

from parley.domain.content import Content
from parley.protocol import client_frames as asked
from parley.protocol import server_frames as told
from parley.protocol.views import (
    ConversationView,
    EntryView,
    Gap,
    MemberView,
    Presence,
    ReactionView,
    Watermark,
)

ROOM: Final = "3455e7d0-b693-5b45-be3a-88cafd3dd899"
WHEN: Final = "2026-11-25T10:00:00.123Z"
LONG: Final = "Grüße, 世界 👋🏽 " * 40

SHORT: Final = EntryView(1, "message", "ann", "383941627179180032", "k1", WHEN, 1, Content("hi"))
FULL: Final = EntryView(
    2**52, "message", "bób", "9223372036854775807", "k" * 64, WHEN, 70_000, Content(LONG, "text/markdown", 12),
    edited_seq=2**40, edited_at=WHEN, reactions=(ReactionView("ann", "👍🏽", 9), ReactionView("cho", "❤️", 300)),
)  # fmt: skip
VIEW: Final = ConversationView(
    ROOM, "group", 300, 299, 17, 200, 250, "Sunday hike", None, "admin", 500, open_history=True, last_message_at=WHEN,
    messages=(SHORT, FULL), gaps=(Gap(1, 5, closed=True), Gap(6, 250)), watermarks={"bob": Watermark(255, 256)},
)  # fmt: skip

CLIENT_FRAMES: Final[tuple[asked.AnyClientFrame, ...]] = (
    asked.Hello("eyJ.a.b", "phone"),
    asked.Hello("eyJ.a.b", "phone", {ROOM: 0, "b" * 36: 127, "c" * 36: 128, "d" * 36: 65_536, "e" * 36: 2**33}),
    asked.Authenticate("1", "eyJ.a.b"),
    asked.Ping("p"),
    asked.Send("s1", "k1", content=Content("hi"), to="bob"),
    asked.Send("s2", "k2", True, content=Content(LONG, "text/markdown", 7), conversation=ROOM),
    asked.Edit("e", "k3", conversation=ROOM, seq=1, content=Content("better")),
    asked.Delete("d", "k4", True, conversation=ROOM, seq=255),
    asked.React("r", "k5", conversation=ROOM, seq=256, emoji="👍🏽"),
    asked.React("r", "k6", conversation=ROOM, seq=65_535, emoji="👍🏽", removed=True),
    asked.CreateGroup("g", "k7", title="Täglich"),
    asked.CreateGroup("g", "k7", title="Many", members=tuple(f"user{n}" for n in range(40)), open_history=True),
    asked.ChangeSettings("c", "k8", conversation=ROOM, title="New"),
    asked.ChangeSettings("c", "k9", conversation=ROOM, open_history=False),
    asked.AddMembers("a", "k10", conversation=ROOM, members=("cho", "dan")),
    asked.RemoveMember("x", "k11", conversation=ROOM, user="dan"),
    asked.Leave("l", "k12", conversation=ROOM),
    asked.SetRole("o", "k13", conversation=ROOM, user="cho", role="owner"),
    asked.Received({ROOM: 70_000}),
    asked.Read(ROOM, 31),
    asked.Resume("u", {ROOM: 5}),
    asked.Sync("y1", ROOM),
    asked.Sync("y2", ROOM, after=0, limit=200),
    asked.Sync("y3", ROOM, before=2**32),
    asked.Conversations("v1"),
    asked.Conversations("v2", "b3BhcXVl", 7),
    asked.Describe("w", ROOM),
    asked.Members("m", ROOM),
    asked.Receipts("q", ROOM),
    asked.ReadBy("z", ROOM, 16),
    asked.Typing(ROOM),
    asked.Typing(ROOM, active=False),
    asked.Watch("h", ("ann", "bób")),
    asked.Watch("h", ()),
    asked.SetPrivacy("i", hide_presence=True),
)

SERVER_FRAMES: Final[tuple[told.AnyServerFrame, ...]] = (
    told.Welcome("ann", "session", 30_000, 256, 1_048_576, WHEN),
    told.Welcome("ann", "session", 30_000, 256, 1_048_576, WHEN, (VIEW,), more=True),
    told.Resumed("u"),
    told.Resumed("u", (VIEW,)),
    told.Done("1"),
    told.Pong("p"),
    told.Ack("s1", ROOM, "k1"),
    told.Ack("s1", ROOM, "k1", "383941627179180032"),
    told.Message(ROOM, SHORT),
    told.Message(ROOM, FULL),
    told.Message(ROOM, EntryView(3, "edit", "ann", "4", "k", WHEN, 1, Content("new"), target_seq=1)),
    told.Message(ROOM, EntryView(4, "edit", "ann", "5", "k", WHEN, 1, redacted=True)),
    told.Message(ROOM, EntryView(5, "delete", "ann", "6", "k", WHEN, 1, target_seq=1)),
    told.Message(ROOM, EntryView(6, "reaction", "bob", "7", "k", WHEN, 1, target_seq=1, emoji="👍", removed=True)),
    told.Message(
        ROOM, EntryView(1, "created", "ann", "8", "k", WHEN, 0, members=("bob",), title="T", open_history=False)
    ),
    told.Message(ROOM, EntryView(7, "added", "ann", "9", "k", WHEN, 1, members=("cho", "dan"))),
    told.Message(ROOM, EntryView(8, "removed", "ann", "10", "k", WHEN, 1, members=("dan",))),
    told.Message(ROOM, EntryView(9, "left", "cho", "11", "k", WHEN, 1)),
    told.Message(ROOM, EntryView(10, "role", "ann", "12", "k", WHEN, 1, members=("bob",), role="admin")),
    told.Message(ROOM, EntryView(11, "settings", "ann", "13", "k", WHEN, 1, title="Other", open_history=True)),
    told.Message(ROOM, EntryView(12, "message", "ann", "14", "k", WHEN, 2, deleted_seq=13)),
    told.Duplicate(ROOM, "k1", 7, "383941627179180032"),
    told.Failed(ROOM, "k1", "not_a_member", "you are not a member"),
    told.Receipt(ROOM, {"bob": Watermark(5, 4), "cho": Watermark()}),
    told.Receipt(ROOM, counts={"300": Watermark(410, 399)}, id="q"),
    told.HeadHint({ROOM: 4_294_967_296}),
    told.Page("y1", ROOM, 0, 1, 0),
    told.Page("y2", ROOM, 300, 1, 2, (SHORT, FULL), (Gap(2, 2, closed=True),), more=True),
    told.ConversationPage("v1"),
    told.ConversationPage("v2", (VIEW,), "b3BhcXVl"),
    told.MemberList("m", ROOM, (MemberView("ann", "owner", 1), MemberView("bob", "member", 129))),
    told.ReadByList("z", ROOM, 16, ("bob", "cho"), ("bob",)),
    told.ReadByList("z", ROOM, 16, undelivered_since=WHEN),
    told.TypingNotice(ROOM, "bob"),
    told.TypingNotice(ROOM, "bob", active=False),
    told.PresenceUpdate({"bob": Presence(online=True), "cho": Presence(last_seen=WHEN), "dan": Presence()}, "h"),
    told.Resync(5_000),
    told.GoAway(10_000, "the gateway stops"),
    told.ErrorFrame("rate_limited", "slow down", True, 250, id="s1"),
    told.ErrorFrame("invalid_field", "seq is 0; allowed is 1 or more", field="seq", id="d"),
)

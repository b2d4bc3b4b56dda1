"""Receipts on their way from gateway to chat."""

from parley.protocol.calls import Marks
from parley.protocol.views import Watermark
from parley.roles.gateway.lanes import Lanes
from parley.roles.gateway.marks import MarkMerger
from tests.roles.gateway.echo_chat import EchoChat


async def test_marks_of_a_moment_become_one_call_per_user_with_the_highest_of_each() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, 4, 10.0)
    marks = MarkMerger(lanes, 0.01)
    for seq in (3, 9, 5):
        marks.add("ann", {"one": Watermark(delivered=seq)})
    marks.add("ann", {"one": Watermark(4, 4), "two": Watermark(delivered=1)})
    marks.add("bob", {"one": Watermark(delivered=2)})
    await chat.until(Marks, 2)
    await lanes.settle()
    calls = {call.user: call.asked for batch in chat.batches for call in batch}
    assert calls == {
        "ann": Marks({"one": Watermark(9, 4), "two": Watermark(1)}),
        "bob": Marks({"one": Watermark(2)}),
    }


async def test_nothing_is_called_when_nothing_was_marked() -> None:
    chat = EchoChat()
    MarkMerger(Lanes(chat, 4, 10.0), 0.01).flush()
    assert chat.batches == []

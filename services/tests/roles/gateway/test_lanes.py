"""Batches between gateway and chat."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from parley.domain.content import Content
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import direct_conversation_id, group_conversation_id, partition_of
from parley.protocol.calls import Asked, Call, Marks, Reply
from parley.protocol.client_frames import CreateGroup, Send, Sync, Typing
from parley.protocol.server_frames import Ack, ErrorFrame, Page
from parley.protocol.session import error_frame
from parley.protocol.views import Watermark
from parley.roles.gateway.asking_again import pause_s
from parley.roles.gateway.lanes import BATCH_CALLS, READ_BATCHES, Inquiry, Lanes, Waiting, expired
from parley.roles.gateway.lanes import conversation_of as lane_conversation
from tests.patience import STILL_S
from tests.roles.gateway.echo_chat import EchoChat, conversation_of

PARTITIONS = 4


def conversation_in(partition: int) -> str:
    names = (f"conversation-{number}" for number in range(1000))
    return next(name for name in names if partition_of(name, PARTITIONS) == partition)


ONE, TWO = conversation_in(0), conversation_in(1)


def send(number: int, conversation: str = ONE) -> Call:
    return Call(
        "ann",
        "phone",
        Send(id=f"r{number}", client_msg_id=f"m{number}", content=Content("hi"), conversation=conversation),
    )


class Answers:
    """Collects replies in the order in which they come."""

    def __init__(self) -> None:
        self.frames: list[object] = []
        self.waiting = 0
        self.done = asyncio.Event()

    @property
    def waits(self) -> bool:
        return True

    def answered(self, asked: Asked, reply: Reply) -> None:
        assert asked is not None
        self.frames.append(reply.frame)
        self.waiting -= 1
        if self.waiting == 0:
            self.done.set()

    async def all_of(self, lanes: Lanes, calls: list[Call]) -> list[object]:
        self.waiting = len(calls)
        for call in calls:
            lanes.ask(call, self)
        async with asyncio.timeout(STILL_S):
            await self.done.wait()
        return self.frames


async def ask(lanes: Lanes, call: Call) -> object:
    inquiry = Inquiry()
    lanes.ask(call, inquiry)
    async with asyncio.timeout(STILL_S):
        return (await inquiry.reply()).frame


async def test_idle_a_call_leaves_at_once_and_busy_calls_collect_until_the_answer() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 10.0)
    chat.hold(ONE)
    answers = asyncio.create_task(Answers().all_of(lanes, [send(0)]))
    await chat.until(Send, 1)
    for number in range(1, 6):
        lanes.ask(send(number), None)
    chat.release(ONE)
    await answers
    await lanes.settle()
    assert [len(batch) for batch in chat.batches] == [1, 5]


async def test_g2_calls_of_a_conversation_keep_their_order_and_are_answered_in_it() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 10.0)
    frames = await Answers().all_of(lanes, [send(number) for number in range(300)])
    assert [frame.id for frame in frames if isinstance(frame, Ack)] == [f"r{number}" for number in range(300)]
    assert [frame.id for frame in chat.calls(Send)] == [f"r{number}" for number in range(300)]
    assert max(len(batch) for batch in chat.batches) == BATCH_CALLS


async def test_a_lane_without_an_answer_stops_no_other_and_its_calls_are_unavailable() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 0.2)
    chat.hold(ONE)
    stuck = asyncio.create_task(ask(lanes, send(1, ONE)))
    await chat.until(Send, 1)
    assert isinstance(await ask(lanes, send(2, TWO)), Ack)
    assert not stuck.done()
    frame = await stuck
    assert isinstance(frame, ErrorFrame)
    assert (frame.code, frame.id, frame.retryable) == ("unavailable", "r1", True)


async def test_g2_what_waits_behind_an_unanswered_change_is_not_sent_before_its_resend() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 0.2)
    chat.hold(ONE)
    first = asyncio.create_task(ask(lanes, send(1)))
    await chat.until(Send, 1)
    behind = [asyncio.create_task(ask(lanes, send(number))) for number in (2, 3)]
    frames = [await first, *[await task for task in behind]]
    assert [frame.code for frame in frames if isinstance(frame, ErrorFrame)] == ["unavailable"] * 3
    assert [frame.id for frame in chat.calls(Send)] == ["r1"]
    chat.release(ONE)
    assert isinstance(await ask(lanes, send(1)), Ack)


async def test_reads_of_a_partition_wait_neither_for_changes_nor_for_a_slow_read() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 10.0)
    chat.hold(ONE)
    lanes.ask(send(1), None)
    for number in range(READ_BATCHES - 1):
        lanes.ask(Call("ann", "phone", Sync(f"slow-{number}", ONE)), None)
        await chat.until(Sync, number + 1)
    other = next(name for name in map(str, range(1000)) if partition_of(name, PARTITIONS) == 0)
    assert isinstance(await ask(lanes, Call("ann", "phone", Sync("quick", other))), Page)
    chat.release(ONE)
    await lanes.settle()


async def test_a_fault_of_chat_is_answered_as_unavailable_and_the_lane_goes_on() -> None:
    class Faulty(EchoChat):
        @override
        async def call(self, calls: Sequence[Call]) -> list[Reply]:
            if not self.batches:
                self.batches.append(list(calls))
                raise RuntimeError("boom")
            return await super().call(calls)

    lanes = Lanes(Faulty(), PARTITIONS, 10.0)
    refused = await ask(lanes, send(1))
    assert isinstance(refused, ErrorFrame)
    assert refused.code == "unavailable"
    assert isinstance(await ask(lanes, send(1)), Ack)


class Busy(EchoChat):
    """Has no time for so many batches."""

    def __init__(self, refusals: int, after_ms: int = 1) -> None:
        super().__init__()
        self.refusals = refusals
        self.after_ms = after_ms

    @override
    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        if self.refusals == 0:
            return await super().call(calls)
        self.refusals -= 1
        busy = ParleyError(ErrorCode.OVERLOADED, "try again later", after_ms=self.after_ms)
        return [Reply(error_frame(busy, getattr(call.asked, "id", None))) for call in calls]


async def test_a_question_that_chat_had_no_time_for_is_asked_again_and_a_change_is_not() -> None:
    lanes = Lanes(Busy(2), PARTITIONS, 10.0)
    assert isinstance(await ask(lanes, Call("ann", "phone", Sync("r", ONE))), Page)
    lanes = Lanes(Busy(1), PARTITIONS, 10.0)
    refused = await ask(lanes, send(1))
    assert isinstance(refused, ErrorFrame)
    assert refused.code == "overloaded"


async def test_a_question_that_chat_never_has_time_for_ends_with_the_time_to_wait() -> None:
    lanes = Lanes(Busy(1, after_ms=60_000), PARTITIONS, 10.0)
    refused = await ask(lanes, Call("ann", "phone", Sync("r", ONE)))
    assert isinstance(refused, ErrorFrame)
    assert (refused.code, refused.id, refused.after_ms) == ("overloaded", "r", 60_000)
    call = Call("ann", "phone", Sync("r", ONE))
    late, busy = expired(Waiting(call, None, 0.0), 10.0), expired(Waiting(call, None, 0.0, refusals=1), 10.0)
    assert (late.code, busy.code) == (ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED)
    assert busy.after_ms is not None


async def test_questions_of_clients_who_have_gone_are_not_asked_and_their_changes_are_made() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 10.0)
    gone = Inquiry(lambda: False)
    lanes.ask(Call("ann", "phone", Sync("r", ONE)), gone)
    assert (await gone.reply()).frame is None
    change = Inquiry(lambda: False)
    lanes.ask(send(1), change)
    assert isinstance((await change.reply()).frame, Ack)
    assert chat.calls(Sync) == []


@given(st.integers(0, 60), st.integers(1, 60_000), st.floats(0, 1, exclude_max=True))
def test_who_is_refused_comes_no_sooner_than_told_and_later_after_each_refusal(
    refusals: int, after_ms: int, dice: float
) -> None:
    busy = Reply(error_frame(ParleyError(ErrorCode.OVERLOADED, "later", after_ms=after_ms), "r"))
    pause, following = (pause_s(Sync("r", ONE), busy, count, dice) for count in (refusals, refusals + 1))
    assert pause is not None
    assert following is not None
    assert after_ms / 1_000 <= pause <= following
    assert pause_s(Sync("r", ONE), Reply(), refusals, dice) is None


async def test_calls_without_an_answer_are_forgotten_when_they_fail() -> None:
    chat = EchoChat()
    lanes = Lanes(chat, PARTITIONS, 0.05)
    chat.hold(ONE)
    lanes.ask(Call("ann", "phone", Typing(ONE)), None)
    lanes.ask(Call("ann", "", Marks({ONE: Watermark(1)})), None)
    await lanes.settle()


@pytest.mark.parametrize(
    ("asked", "conversation"),
    [
        (Send(id="r", client_msg_id="m", content=Content("hi"), to="bob"), direct_conversation_id("ann", "bob")),
        (CreateGroup(id="r", client_msg_id="m", title="team"), group_conversation_id("ann", "m")),
        (Sync("r", "ABC"), "abc"),
        (Marks({}), None),
    ],
)
def test_g2_a_call_goes_to_the_lane_of_the_conversation_that_it_means(asked: Asked, conversation: str | None) -> None:
    assert lane_conversation(Call("ann", "phone", asked)) == conversation
    assert conversation is None or conversation_of(Call("ann", "phone", asked)).lower() == conversation

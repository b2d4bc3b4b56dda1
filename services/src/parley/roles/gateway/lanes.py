"""Calls to chat in batches that clock themselves: idle, a call leaves at once; busy, calls wait for the answer.

No latency is added when there is little to do, and few requests are made when there is much. Changes go one batch at a
time per lane, so that the order of a sender in a conversation survives; reads have lanes of their own and need no
order. A lane that gets no answer stops nobody but itself.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import direct_conversation_id, group_conversation_id, partition_of
from parley.ports.chat import Chat
from parley.protocol.calls import Asked, Call, Marks, Reply
from parley.protocol.client_frames import CHANGES, CreateGroup, Request, Send
from parley.protocol.session import error_frame
from parley.roles.gateway.asking_again import pause_s
from parley.roles.gateway.frame_counts import count_refusal
from parley.runtime.metrics import CALLS_DROPPED, QUEUE_DEPTH, STAGE_SECONDS

BATCH_CALLS: Final = 64
READ_BATCHES: Final = 4
"""Batches of reads that one lane has under way at most."""

_AFTER_MS: Final = 1_000
_log: Final = structlog.get_logger()


class Asker(Protocol):
    """Whoever waits for the reply to a call."""

    @property
    def waits(self) -> bool:
        """Whether anybody is there to take the reply."""
        ...

    def answered(self, asked: Asked, reply: Reply) -> None:
        """Take the reply."""
        ...


class Inquiry:
    """An asker that is awaited."""

    def __init__(self, waits: Callable[[], bool] = lambda: True) -> None:
        """Have no reply yet; `waits` tells whether somebody is there to take it."""
        self._waits = waits
        self._reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    @property
    def waits(self) -> bool:
        """Whether the reply is of use to anybody."""
        return self._waits()

    def answered(self, asked: Asked, reply: Reply) -> None:  # noqa: ARG002 - as Asker
        """Wake whoever waits."""
        if not self._reply.done():
            self._reply.set_result(reply)

    async def reply(self) -> Reply:
        """Wait for the reply; the lane's deadline bounds it."""
        return await self._reply


class Waiting(msgspec.Struct, frozen=True):
    """A call with the one who asked, and since when it waits; nobody asks for what has no answer.

    `refusals` is how often chat had no time for it.
    """

    call: Call
    asker: Asker | None
    at: float
    refusals: int = 0


def conversation_of(call: Call) -> str | None:
    """The conversation whose order the call belongs to; None if it belongs to none."""
    asked = call.asked
    if isinstance(asked, Send) and asked.conversation is None and asked.to is not None:
        return direct_conversation_id(call.user, asked.to)
    if isinstance(asked, CreateGroup):
        return group_conversation_id(call.user, asked.client_msg_id)
    named: str | None = getattr(asked, "conversation", None)
    return named.lower() if named is not None else None


class Lane:
    """A queue with at most `parallel` batches under way."""

    __slots__ = ("_lanes", "_parallel", "_queue", "_running")

    def __init__(self, lanes: "Lanes", parallel: int) -> None:
        """Belong to these lanes."""
        self._lanes = lanes
        self._parallel = parallel
        self._queue: deque[Waiting] = deque()
        self._running = 0

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        return self._running == 0

    def put(self, waiting: Waiting) -> None:
        """Queue a call; it leaves with the next batch."""
        self._queue.append(waiting)
        if self._running < self._parallel:
            self._running += 1
            self._lanes.spawn(self)

    async def run(self) -> None:
        """Send batch after batch until nothing waits."""
        try:
            while self._queue:
                batch = self._expire(self._wanted(self._take(BATCH_CALLS)))
                if not batch:
                    continue
                replies = await self._lanes.send([waiting.call for waiting in batch])
                if isinstance(replies, ParleyError):
                    # What waited behind an unanswered change is given up too: it would overtake the resend.
                    batch += self._take(len(self._queue)) if self._parallel == 1 else []
                    error = replies
                    replies = [_unanswered(waiting.call, error) for waiting in batch]
                for waiting, reply in zip(batch, replies, strict=True):
                    if not self._lanes.ask_again(self, waiting, reply):
                        _answer(waiting, reply)
        finally:
            self._running -= 1

    @staticmethod
    def _wanted(batch: list[Waiting]) -> list[Waiting]:
        """Without the questions of those who have gone; their changes are made all the same."""
        left = [waiting for waiting in batch if _abandoned(waiting)]
        for waiting in left:
            CALLS_DROPPED.labels("left").inc()
            _answer(waiting, Reply())
        return [waiting for waiting in batch if not _abandoned(waiting)] if left else batch

    def _expire(self, batch: list[Waiting]) -> list[Waiting]:
        """Answer those that have waited too long to be sent at all."""
        oldest = asyncio.get_running_loop().time() - self._lanes.timeout_s
        for waiting in batch:
            if waiting.at < oldest:
                _answer(waiting, _unanswered(waiting.call, expired(waiting, self._lanes.timeout_s)))
        return [waiting for waiting in batch if waiting.at >= oldest]

    def _take(self, limit: int) -> list[Waiting]:
        taken = [self._queue.popleft() for _ in range(min(len(self._queue), limit))]
        self._lanes.depth.dec(len(taken))
        return taken


class Lanes:
    """All lanes of one gateway: per partition one for changes and one for reads."""

    def __init__(self, chat: Chat, partitions: int, timeout_s: float) -> None:
        """Call this chat; a batch without an answer for `timeout_s` is answered with `unavailable`."""
        self.timeout_s = timeout_s
        self._chat = chat
        self._changes = [Lane(self, 1) for _ in range(partitions)]
        self._reads = [Lane(self, READ_BATCHES) for _ in range(partitions)]
        self._tasks: set[asyncio.Task[None]] = set()
        self.depth = QUEUE_DEPTH.labels("calls")
        self._seconds = STAGE_SECONDS.labels("call")

    def ask(self, call: Call, asker: Asker | None) -> None:
        """Queue a call in its lane; the asker hears of it in any case."""
        key = conversation_of(call) or call.user
        lanes = self._changes if isinstance(call.asked, CHANGES) else self._reads
        lane = lanes[partition_of(key, len(lanes))]
        self.depth.inc()
        lane.put(Waiting(call, asker, asyncio.get_running_loop().time()))

    def spawn(self, lane: Lane) -> None:
        """Let a lane run until it is empty."""
        task = asyncio.get_running_loop().create_task(lane.run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def ask_again(self, lane: Lane, waiting: Waiting, reply: Reply) -> bool:
        """Put a question back that chat had no time for, unless whoever asks would have to wait too long."""
        loop = asyncio.get_running_loop()
        pause = pause_s(waiting.call.asked, reply, waiting.refusals, random.random())  # noqa: S311 - no secret
        if pause is None or loop.time() + pause >= waiting.at + self.timeout_s:
            return False
        task = loop.create_task(self._later(lane, waiting, pause))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _later(self, lane: Lane, waiting: Waiting, pause: float) -> None:
        await asyncio.sleep(pause)
        self.depth.inc()
        lane.put(msgspec.structs.replace(waiting, refusals=waiting.refusals + 1))

    async def send(self, calls: Sequence[Call]) -> list[Reply] | ParleyError:
        """Call chat within the deadline; an error when nobody knows what became of the calls."""
        begun = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self.timeout_s):
                replies = await self._chat.call(calls)
        except TimeoutError:
            _log.warning("chat did not answer", calls=len(calls), traces=[call.trace for call in calls[:5]])
            return _silent(self.timeout_s)
        except ParleyError as error:
            _log.warning("chat did not answer", calls=len(calls), cause=error.message)
            return error
        except Exception:  # noqa: BLE001 - logged, and answered as unavailable
            _log.exception("the call to chat failed", calls=len(calls), traces=[call.trace for call in calls[:5]])
            return _silent(self.timeout_s)
        if len(replies) != len(calls):
            _log.error("chat gave another number of replies than calls", calls=len(calls), replies=len(replies))
            return _silent(self.timeout_s)
        self._seconds.observe(asyncio.get_running_loop().time() - begun)
        return replies

    async def settle(self) -> None:
        """Wait until everything is answered."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))


def _answer(waiting: Waiting, reply: Reply) -> None:
    if waiting.asker is not None:
        waiting.asker.answered(waiting.call.asked, reply)


def _abandoned(waiting: Waiting) -> bool:
    return waiting.asker is not None and not waiting.asker.waits and not isinstance(waiting.call.asked, CHANGES)


def expired(waiting: Waiting, timeout_s: float) -> ParleyError:
    """Why a call that waited too long is not sent: chat was silent, or had no time for it whenever it was asked."""
    if not waiting.refusals:
        return _silent(timeout_s)
    text = f"chat had no time for it within {timeout_s:g} s; try again later"
    return ParleyError(ErrorCode.OVERLOADED, text, after_ms=_AFTER_MS)


def _silent(timeout_s: float) -> ParleyError:
    text = f"chat did not answer within {timeout_s:g} s; whether it was done is unknown, so send it again as a retry"
    return ParleyError(ErrorCode.UNAVAILABLE, text)


def _unanswered(call: Call, error: ParleyError) -> Reply:
    asked = call.asked
    if isinstance(asked, Marks) or not isinstance(asked, Request):
        return Reply()
    frame = error_frame(error, asked.id)
    count_refusal(frame)
    return Reply(frame)

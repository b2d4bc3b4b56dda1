"""The Chat Service as gateways and the HTTP API see it: calls in, one reply each, never an exception."""

import asyncio
import secrets
from collections.abc import Awaitable, Sequence
from typing import Final

import msgspec
import structlog

from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol import client_frames as frames
from parley.protocol.calls import Asked, Call, Marks, Reply
from parley.protocol.server_frames import Ack, AnyServerFrame, ErrorFrame
from parley.roles.chat.acceptance import Acceptance, Wish
from parley.roles.chat.conversation_lists import ConversationLists
from parley.roles.chat.entry_pages import EntryPages
from parley.roles.chat.presence import Signals
from parley.roles.chat.receipts import ReceiptIntake, ReceiptQuestions
from parley.roles.chat.turnstile import Turnstiles
from parley.runtime import metrics, tracing
from parley.runtime.together import together

_ANSWER_S: Final = 9.0
_log = structlog.get_logger("parley.chat")


class ChatService:
    """Answers everything that a gateway does not answer itself."""

    def __init__(
        self,
        acceptance: Acceptance,
        lists: ConversationLists,
        pages: EntryPages,
        questions: ReceiptQuestions,
        intake: ReceiptIntake,
        signals: Signals,
        turnstiles: Turnstiles,
    ) -> None:
        """Wired by `roles/chat/main.py`."""
        self._acceptance = acceptance
        self._lists = lists
        self._pages = pages
        self._questions = questions
        self._intake = intake
        self._signals = signals
        self.turnstiles = turnstiles

    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        """Accept changes in the batch's order, and answer questions beside them."""
        changes = {n: Wish(c, c.asked) for n, c in enumerate(calls) if isinstance(c.asked, frames.CHANGES)}
        questions = {n: call for n, call in enumerate(calls) if n not in changes}
        if not questions:
            return await self._accept(list(changes.values()))
        accepted, answered = await asyncio.gather(
            self._accept(list(changes.values())), together(self._guarded(call) for call in questions.values())
        )
        replies = dict(zip(changes, accepted, strict=True)) | dict(zip(questions, answered, strict=True))
        return [replies[number] for number in range(len(calls))]

    async def _accept(self, wishes: Sequence[Wish]) -> list[Reply]:
        if not wishes:
            return []
        with metrics.STAGE_SECONDS.labels("accept").time():
            answers = await self._traced(wishes)
        return [
            _refused(answer, wish.call) if isinstance(answer, ParleyError) else Reply(answer)
            for wish, answer in zip(wishes, answers, strict=True)
        ]

    async def _traced(self, wishes: Sequence[Wish]) -> Sequence[Ack | ParleyError]:
        """Accept, with a span for each change that is traced."""
        with tracing.Batch(tracing.ACCEPT) as spans:
            wishes = [_followed(spans, wish) for wish in wishes]
            answers: Sequence[Ack | ParleyError]
            try:
                answers = await self._acceptance.accept(wishes)
            except Exception as error:  # noqa: BLE001 - one batch's fault must not end the service
                answers = [_unexpected(error, wish.call) for wish in wishes]
            for wish, answer in zip(wishes, answers, strict=True):
                if isinstance(answer, ParleyError):
                    spans.fail(wish.call.traceparent, answer.code)
        return answers

    async def _guarded(self, call: Call) -> Reply:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return Reply(await self._answer(call))
        except ParleyError as error:
            return _refused(error, call)
        except TimeoutError:
            text = f"the store did not answer within {_ANSWER_S:g} s; try again"
            return _refused(ParleyError(ErrorCode.UNAVAILABLE, text), call)
        except Exception as error:  # noqa: BLE001 - one question's fault must not end the service
            return _refused(_unexpected(error, call), call)

    async def _answer(self, call: Call) -> AnyServerFrame | None:
        """Signals are cheap and wait for no turn; what is asked does."""
        user, asked = call.user, call.asked
        match asked:
            case Marks():
                await self._intake.take(user, asked)
                return None
            case frames.Typing():
                await self._signals.typing(user, asked)
                return None
            case _:
                async with self.turnstiles.turn(asked):
                    return await self._question(user, asked)

    def _question(self, user: str, asked: Asked) -> Awaitable[AnyServerFrame]:  # noqa: PLR0911 - one per kind
        match asked:
            case frames.Resume():
                return self._lists.resume(user, asked)
            case frames.Sync():
                return self._pages.page(user, asked)
            case frames.Conversations():
                return self._lists.page_of_all(user, asked)
            case frames.Describe():
                return self._lists.describe(user, asked)
            case frames.Members():
                return self._questions.members(user, asked)
            case frames.Receipts():
                return self._questions.receipts(user, asked)
            case frames.ReadBy():
                return self._questions.read_by(user, asked)
            case frames.Watch():
                return self._signals.snapshot(asked)
            case frames.SetPrivacy():
                return self._signals.set_privacy(user, asked)
            case _:
                name = asked.__struct_config__.tag
                text = f"type is {name!r}, which the gateway answers itself; open a socket for it"
                raise ParleyError(ErrorCode.UNKNOWN_FRAME, text, field="type")


def _followed(spans: tracing.Batch, wish: Wish) -> Wish:
    """The wish as the sequencer is to see it: below this stage's span, if it is traced."""
    call = wish.call
    if not call.traceparent:
        return wish
    context = spans.follow(call.traceparent, {"parley.trace": call.trace})
    return Wish(msgspec.structs.replace(call, traceparent=context), wish.change)


def _refused(error: ParleyError, call: Call) -> Reply:
    metrics.REFUSALS.labels(error.code).inc()
    identifier = call.asked.id if isinstance(call.asked, frames.Request) else None
    if identifier is None:
        _log.debug("signal refused", trace=call.trace, code=error.code, cause=error.message)
    return Reply(ErrorFrame(error.code, error.message, error.retryable, error.after_ms, error.field, identifier))


def _unexpected(error: Exception, call: Call) -> ParleyError:
    """Log what nobody foresaw under an id that its victim can quote."""
    reference = secrets.token_hex(6)
    _log.error("unexpected fault", reference=reference, trace=call.trace, user=call.user, exc_info=error)
    return ParleyError(ErrorCode.INTERNAL, f"an unexpected fault was logged as {reference}; try again")

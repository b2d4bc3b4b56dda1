"""From a change to its acknowledgement: checked, written to the log, durable (promise G1)."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
import structlog
from prometheus_client import Counter

from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import partition_of
from parley.domain.limits import Limits
from parley.domain.records import Record
from parley.ports.event_log import Appended
from parley.ports.recent_keys import KEY_SEPARATOR
from parley.protocol.calls import Call
from parley.protocol.server_frames import Ack
from parley.roles.chat.admission import Admission
from parley.roles.chat.changes import AnyChange, record_of
from parley.roles.chat.pressure import Pressure
from parley.runtime import metrics
from parley.runtime.backends import Backends
from parley.runtime.together import together

_CHECK_S: Final = 3.0
_APPEND_S: Final = 6.0
"""Together less than a gateway waits for an answer, so that the cause reaches the client."""
_ENCODER: Final = msgspec.msgpack.Encoder()
_log = structlog.get_logger("parley.chat")


class Wish(msgspec.Struct, frozen=True):
    """A change of one user, as it came."""

    call: Call
    change: AnyChange


class Acceptance:
    """Accepts changes of a batch together: one append per partition, in the batch's order."""

    def __init__(self, backends: Backends, admission: Admission, pressure: Pressure, limits: Limits) -> None:
        """Nothing is read or written yet."""
        self._log = backends.log
        self._recent_keys = backends.recent_keys
        self._admission = admission
        self._pressure = pressure
        self._limits = limits

    async def accept(self, wishes: Sequence[Wish]) -> list[Ack | ParleyError]:
        """Answer each wish: the ack of a durable record, or why there is none."""
        checked = await self._check_all(wishes)
        records = {number: record for number, record in enumerate(checked) if isinstance(record, Record)}
        await self._mark_retries(records)
        outcomes = await self._append_all(records)
        answers: list[Ack | ParleyError] = []
        for number, (wish, result) in enumerate(zip(wishes, checked, strict=True)):
            outcome = result if isinstance(result, ParleyError) else outcomes[number]
            if isinstance(outcome, ParleyError):
                answers.append(outcome)
            else:
                answers.append(self._ack(wish, records[number], outcome))
        return answers

    async def _check_all(self, wishes: Sequence[Wish]) -> list[Record | ParleyError]:
        """Judge all of them; what has to be read for that is read beside each other."""
        checked = [self._made(wish) for wish in wishes]
        doubtful = {
            number: record
            for number, record in enumerate(checked)
            if isinstance(record, Record) and not self._admission.passes_at_once(record)
        }
        judged = await together(self._check(record) for record in doubtful.values())
        for number, verdict in zip(doubtful, judged, strict=True):
            checked[number] = verdict
        return checked

    def _made(self, wish: Wish) -> Record | ParleyError:
        try:
            record = record_of(wish.change, wish.call, self._limits)
            self._pressure.check(record.conversation)
        except ParleyError as error:
            return error
        return record

    async def _check(self, record: Record) -> Record | ParleyError:
        try:
            async with asyncio.timeout(_CHECK_S):
                await self._admission.check(record)
        except ParleyError as error:
            return error
        except TimeoutError:
            text = f"the store did not answer within {_CHECK_S:g} s; nothing was acknowledged, try again"
            return ParleyError(ErrorCode.UNAVAILABLE, text)
        return record

    async def _mark_retries(self, records: dict[int, Record]) -> None:
        """Mark what may have been sent before; when nobody can tell, everything may have been."""
        unmarked = [number for number, record in records.items() if not record.retry]
        keys = [_key(records[number]) for number in unmarked]
        try:
            new = await self._recent_keys.remember(keys) if keys else []
        except ParleyError:
            new = [False] * len(keys)
        for number, is_new in zip(unmarked, new, strict=True):
            if not is_new:
                records[number] = msgspec.structs.replace(records[number], retry=True)

    async def _append_all(self, records: dict[int, Record]) -> dict[int, Appended | ParleyError]:
        if not records:
            return {}
        try:
            partitions = await self._log.partitions(INGRESS.name)
        except ParleyError as error:
            return dict.fromkeys(records, error)
        by_partition: dict[int, list[int]] = defaultdict(list)
        for number, record in records.items():
            by_partition[partition_of(record.conversation, partitions)].append(number)
        answers = await together(
            self._append(partition, [records[n] for n in numbers]) for partition, numbers in by_partition.items()
        )
        outcomes: dict[int, Appended | ParleyError] = {}
        for numbers, answer in zip(by_partition.values(), answers, strict=True):
            outcomes.update(zip(numbers, answer, strict=True))
        return outcomes

    async def _append(self, partition: int, records: Sequence[Record]) -> Sequence[Appended | ParleyError]:
        try:
            async with asyncio.timeout(_APPEND_S):
                return await self._log.append(INGRESS.name, partition, [_ENCODER.encode(record) for record in records])
        except ParleyError as error:
            return [error] * len(records)
        except TimeoutError:
            text = f"the log did not confirm within {_APPEND_S:g} s; whether it was written is unknown: send again"
            return [ParleyError(ErrorCode.UNAVAILABLE, text)] * len(records)

    def _ack(self, wish: Wish, record: Record, appended: Appended) -> Ack:
        self._admission.accepted(record)
        kind = str(record.body.__struct_config__.tag)
        _accepted(kind).inc()
        _log.debug("accepted", trace=record.trace, conversation=record.conversation, kind=kind)
        message_id = None if record.retry else str(appended.message_id)
        return Ack(wish.change.id, record.conversation, record.client_msg_id, message_id)


@cache
def _accepted(kind: str) -> Counter:
    return metrics.ACCEPTED.labels(kind)


def _key(record: Record) -> str:
    return KEY_SEPARATOR.join((record.conversation, record.sender, record.client_msg_id))

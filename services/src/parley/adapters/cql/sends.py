"""What became of earlier attempts, found by their key bucket by bucket (promise G4)."""

import asyncio
from typing import Any, Final

from cassandra.query import UNSET_VALUE

from parley.adapters.cql.session import CqlSession
from parley.contract import SENDS_TTL_MS
from parley.domain.entries import PriorSend
from parley.ports.clock import Clock
from parley.ports.conversation_store import SendRecord

SENDS_INSERT: Final = (
    "INSERT INTO sends (conversation_id, bucket, sender_id, client_msg_id, position, seq, message_id, body_hash, "
    "appended_at, refusal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?"
)
_NEWEST: Final = (
    "SELECT position, message_id, body_hash, appended_at, seq, refusal FROM sends WHERE conversation_id = ? "
    "AND bucket = ? AND sender_id = ? AND client_msg_id = ? AND position < ? LIMIT 1"
)
_ENDED_AT: Final = "SELECT created_at FROM messages WHERE conversation_id = ? AND bucket = ? LIMIT 1"
_BUCKETS_AT_ONCE: Final = 8


def send_values(conversation: str, bucket: int, send: SendRecord) -> list[Any]:
    """Values of SENDS_INSERT."""
    outcome = send.outcome
    return [
        conversation,
        bucket,
        send.sender,
        send.client_msg_id,
        outcome.position,
        UNSET_VALUE if outcome.seq is None else outcome.seq,
        outcome.message_id,
        outcome.body_hash,
        outcome.appended_at,
        UNSET_VALUE if outcome.refusal is None else outcome.refusal,
        outcome.position,
    ]


class SendsLookup:
    """Asks the newest bucket first; older ones only until one ended before anything in it can still count."""

    def __init__(self, session: CqlSession, clock: Clock) -> None:
        """`clock` only decides where to stop: what lies beyond has outlived its time to live anyway."""
        self._session = session
        self._clock = clock

    async def newest(
        self, conversation: str, bucket: int, sender: str, client_msg_id: str, before: int
    ) -> PriorSend | None:
        """The newest attempt below a position, from this bucket downwards."""
        found = await self._in_bucket(conversation, bucket, sender, client_msg_id, before)
        while found is None and bucket > 0:
            older = range(bucket - 1, max(-1, bucket - 1 - _BUCKETS_AT_ONCE), -1)
            if await self._ended_long_ago(conversation, older[0]):
                return None
            answers = await asyncio.gather(
                *(self._in_bucket(conversation, number, sender, client_msg_id, before) for number in older)
            )
            found = next((answer for answer in answers if answer is not None), None)
            bucket = older[-1]
        return found

    async def _in_bucket(
        self, conversation: str, bucket: int, sender: str, client_msg_id: str, before: int
    ) -> PriorSend | None:
        rows = await self._session.rows(_NEWEST, conversation, bucket, sender, client_msg_id, before)
        return PriorSend(*rows[0]) if rows else None

    async def _ended_long_ago(self, conversation: str, bucket: int) -> bool:
        rows = await self._session.rows(_ENDED_AT, conversation, bucket)
        ended_at = rows[0][0] if rows else None
        return ended_at is not None and self._clock.now_ms() - ended_at > SENDS_TTL_MS

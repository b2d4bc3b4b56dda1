"""Where a conversation's newest entries are: the head of the newest bucket, found without asking all of them."""

from collections import OrderedDict
from typing import Final

from parley.adapters.cql.session import CqlSession
from parley.domain.buckets import bucket_of
from parley.domain.entries import Head

_REMEMBERED: Final = 100_000
_HEAD: Final = (
    "SELECT head_seq, head_position, head_messages FROM messages WHERE conversation_id = ? AND bucket = ? LIMIT 1"
)
_LAST_BUCKET: Final = "SELECT last_bucket FROM conversations WHERE conversation_id = ?"


class NewestBuckets:
    """Buckets only ever grow, so that one known to have a head is a safe place to begin."""

    def __init__(self, session: CqlSession) -> None:
        """Know nothing yet."""
        self._session = session
        self._known: OrderedDict[str, int] = OrderedDict()

    async def head(self, conversation: str) -> Head | None:
        """The newest head; None for a conversation that nothing was written of."""
        bucket = self._known.get(conversation, 0)
        head = await self._head_of(conversation, bucket)
        if head is None or not _may_have_gone_on(head, bucket):
            return head
        return await self._newer(conversation, bucket, head)

    async def _newer(self, conversation: str, bucket: int, head: Head) -> Head:
        """Step on from a full bucket; the hint saves the steps of a long conversation."""
        rows = await self._session.rows(_LAST_BUCKET, conversation)
        hinted = rows[0][0] if rows and rows[0][0] is not None else 0
        # The hint is written before its bucket has anything: the one before it certainly has.
        step = max(bucket + 1, hinted - 1)
        while (found := await self._head_of(conversation, step)) is not None:
            head, bucket = found, step
            if not _may_have_gone_on(head, bucket):
                break
            step = bucket + 1
        self._remember(conversation, bucket)
        return head

    async def _head_of(self, conversation: str, bucket: int) -> Head | None:
        rows = await self._session.rows(_HEAD, conversation, bucket)
        if not rows or rows[0][0] is None:
            return None
        return Head(*rows[0])

    def _remember(self, conversation: str, bucket: int) -> None:
        self._known[conversation] = bucket
        self._known.move_to_end(conversation)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _may_have_gone_on(head: Head, bucket: int) -> bool:
    """Whether the next entry is one of a later bucket."""
    return bucket_of(head.seq + 1) > bucket

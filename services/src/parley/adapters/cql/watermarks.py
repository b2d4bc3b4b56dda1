"""How far users got: every cell carries its own seq as its timestamp, so that the last write is the highest mark."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.cql.session import Bound, CqlSession
from parley.ports.watermarks import Progress, WatermarkStore

_DELIVERED: Final = (
    "INSERT INTO watermarks (conversation_id, user_id, delivered_seq) VALUES (?, ?, ?) USING TIMESTAMP ?"
)
_READ: Final = "INSERT INTO watermarks (conversation_id, user_id, read_seq) VALUES (?, ?, ?) USING TIMESTAMP ?"
_OF_CONVERSATION: Final = "SELECT user_id, delivered_seq, read_seq FROM watermarks WHERE conversation_id = ?"
_OF_USER: Final = "SELECT delivered_seq, read_seq FROM watermarks WHERE conversation_id = ? AND user_id = ?"
_AT_ONCE: Final = 100


class CqlWatermarks(WatermarkStore):
    """Marks of (conversation, user); one request per conversation, or several for a large one."""

    def __init__(self, session: CqlSession) -> None:
        """Write and read through this session."""
        self._session = session

    @override
    async def advance(self, marks: Mapping[tuple[str, str], Progress]) -> None:
        by_conversation: dict[str, list[Bound]] = defaultdict(list)
        for (conversation, user), mark in marks.items():
            by_conversation[conversation] += [
                (_DELIVERED, (conversation, user, mark.delivered, mark.delivered)),
                (_READ, (conversation, user, mark.read, mark.read)),
            ]
        await asyncio.gather(
            *(
                self._session.write(bound[first : first + _AT_ONCE])
                for bound in by_conversation.values()
                for first in range(0, len(bound), _AT_ONCE)
            )
        )

    @override
    async def of_conversation(self, conversation: str) -> dict[str, Progress]:
        rows = await self._session.rows(_OF_CONVERSATION, conversation)
        return {user: Progress(delivered or 0, read or 0) for user, delivered, read in rows}

    @override
    async def of_user(self, user: str, conversations: Sequence[str]) -> dict[str, Progress]:
        names = list(dict.fromkeys(conversations))
        answers = await asyncio.gather(*(self._session.rows(_OF_USER, name, user) for name in names))
        return {
            name: Progress(rows[0][0] or 0, rows[0][1] or 0) for name, rows in zip(names, answers, strict=True) if rows
        }

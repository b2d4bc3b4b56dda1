"""How far users got, in SQLite: an upsert that only raises."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.sqlite.database import Database
from parley.ports.watermarks import Progress, WatermarkStore

_ADVANCE: Final = (
    "INSERT INTO watermarks (conversation, user, delivered_seq, read_seq) VALUES (?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET delivered_seq = max(delivered_seq, excluded.delivered_seq), "
    "read_seq = max(read_seq, excluded.read_seq)"
)
_OF_CONVERSATION: Final = "SELECT user, delivered_seq, read_seq FROM watermarks WHERE conversation = ?"
_OF_USER: Final = (
    "SELECT conversation, delivered_seq, read_seq FROM watermarks "
    "WHERE user = ? AND conversation IN (SELECT value FROM json_each(?))"
)


class SqliteWatermarks(WatermarkStore):
    """Marks of (conversation, user)."""

    def __init__(self, database: Database) -> None:
        """Use the store's file."""
        self._database = database

    @override
    async def advance(self, marks: Mapping[tuple[str, str], Progress]) -> None:
        rows = [(conversation, user, mark.delivered, mark.read) for (conversation, user), mark in marks.items()]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_ADVANCE, rows)

        if rows:
            await self._database.write(work)

    @override
    async def of_conversation(self, conversation: str) -> dict[str, Progress]:
        def work(connection: sqlite3.Connection) -> dict[str, Progress]:
            rows = connection.execute(_OF_CONVERSATION, (conversation,))
            return {user: Progress(delivered, read) for user, delivered, read in rows}

        return await self._database.read(work)

    @override
    async def of_user(self, user: str, conversations: Sequence[str]) -> dict[str, Progress]:
        def work(connection: sqlite3.Connection) -> dict[str, Progress]:
            rows = connection.execute(_OF_USER, (user, json.dumps(list(conversations))))
            return {conversation: Progress(delivered, read) for conversation, delivered, read in rows}

        return await self._database.read(work)

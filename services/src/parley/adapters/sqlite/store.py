"""The message store's file, and its adapters of several ports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parley.adapters.sqlite.conversation_reader import SqliteConversationReader
from parley.adapters.sqlite.conversation_writer import SqliteConversationWriter
from parley.adapters.sqlite.database import Database, open_database
from parley.adapters.sqlite.log_writes import probe
from parley.adapters.sqlite.profiles import SqliteProfiles
from parley.adapters.sqlite.store_schema import STORE_SCHEMA
from parley.adapters.sqlite.watermarks import SqliteWatermarks

STORE_FILE: Final = "store.db"


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """One file behind the ports of conversations, watermarks and profiles."""

    database: Database
    writer: SqliteConversationWriter
    reader: SqliteConversationReader
    watermarks: SqliteWatermarks
    profiles: SqliteProfiles

    async def check(self) -> None:
        """Raise ParleyError UNAVAILABLE unless the store can be written now."""
        await self.database.write(probe)

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        await self.database.close()


async def open_store(directory: Path | None) -> SqliteStore:
    """Open or create the store of a data directory; None keeps it in memory."""
    database = await open_database(directory / STORE_FILE if directory else None, STORE_SCHEMA)
    return SqliteStore(
        database,
        SqliteConversationWriter(database),
        SqliteConversationReader(database),
        SqliteWatermarks(database),
        SqliteProfiles(database),
    )

"""Facts about users, in SQLite."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from parley.adapters.sqlite.database import Database
from parley.ports.profiles import Profile, Profiles

_PROFILES: Final = "SELECT user, last_seen, hide_presence FROM profiles WHERE user IN (SELECT value FROM json_each(?))"
_SEEN: Final = (
    "INSERT INTO profiles (user, last_seen) VALUES (?, ?) ON CONFLICT DO UPDATE "
    "SET last_seen = max(ifnull(last_seen, 0), excluded.last_seen)"
)
_PRIVACY: Final = (
    "INSERT INTO profiles (user, hide_presence) VALUES (?, ?) ON CONFLICT DO UPDATE "
    "SET hide_presence = excluded.hide_presence"
)


class SqliteProfiles(Profiles):
    """Profiles by user."""

    def __init__(self, database: Database) -> None:
        """Use the store's file."""
        self._database = database

    @override
    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        def work(connection: sqlite3.Connection) -> dict[str, Profile]:
            rows = connection.execute(_PROFILES, (json.dumps(list(users)),))
            return {user: Profile(last_seen, bool(hidden)) for user, last_seen, hidden in rows}

        return await self._database.read(work)

    @override
    async def seen(self, last_seen: Mapping[str, int]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_SEEN, list(last_seen.items()))

        if last_seen:
            await self._database.write(work)

    @override
    async def set_privacy(self, user: str, *, hide_presence: bool) -> None:
        await self._database.write(lambda connection: connection.execute(_PRIVACY, (user, int(hide_presence))) and None)

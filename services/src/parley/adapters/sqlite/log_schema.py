"""Tables of the event log. A record's key is `partition id << 44 | offset`: one tree, appended at several ends."""

from typing import Final

from parley.adapters.sqlite.schema import Schema
from parley.domain.position import GENERATION_SHIFT

LOG_SCHEMA: Final = Schema(
    file_name="event log",
    application_id=0x50524C47,
    migrations=(
        (
            """CREATE TABLE partitions (
                id INTEGER PRIMARY KEY,
                topic TEXT NOT NULL,
                number INTEGER NOT NULL,
                generation INTEGER NOT NULL,
                first_offset INTEGER NOT NULL,
                next_offset INTEGER NOT NULL,
                appended_at INTEGER NOT NULL,
                UNIQUE (topic, number)
            ) STRICT""",
            """CREATE TABLE records (
                place INTEGER PRIMARY KEY, appended_at INTEGER NOT NULL, value BLOB NOT NULL
            ) STRICT""",
            """CREATE TABLE commits (
                consumer_group TEXT NOT NULL,
                partition_id INTEGER NOT NULL,
                next_offset INTEGER NOT NULL,
                PRIMARY KEY (consumer_group, partition_id)
            ) STRICT, WITHOUT ROWID""",
            "CREATE TABLE probes (id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT",
        ),
    ),
)


def place_of(partition_id: int, offset: int) -> int:
    """The key of a record."""
    return (partition_id << GENERATION_SHIFT) | offset

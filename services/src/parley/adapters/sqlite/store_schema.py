"""Tables of the message store. Every row that the sequencer writes carries the log position that decided it.

A conversation's messages lie next to each other, so that a page is one range read. `content_position` is the version
of a row's content alone, which edits and deletions change; a row whose `position` is NULL was only edited or deleted
so far, and is no entry yet.
"""

from typing import Final

from parley.adapters.sqlite.schema import Schema

STORE_SCHEMA: Final = Schema(
    file_name="message store",
    application_id=0x50525354,
    migrations=(
        (
            """CREATE TABLE heads (
                conversation TEXT PRIMARY KEY,
                seq INTEGER NOT NULL,
                position INTEGER NOT NULL,
                messages INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE messages (
                conversation TEXT NOT NULL,
                seq INTEGER NOT NULL,
                position INTEGER,
                message_id INTEGER,
                sender TEXT,
                client_msg_id TEXT,
                kind TEXT,
                created_at INTEGER,
                messages INTEGER,
                content BLOB,
                content_position INTEGER NOT NULL,
                target_seq INTEGER,
                change BLOB,
                edited_seq INTEGER,
                edited_at INTEGER,
                deleted_seq INTEGER,
                trace TEXT NOT NULL DEFAULT '',
                PRIMARY KEY (conversation, seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX messages_by_position ON messages (conversation, position)",
            """CREATE TABLE sends (
                conversation TEXT NOT NULL,
                sender TEXT NOT NULL,
                client_msg_id TEXT NOT NULL,
                position INTEGER NOT NULL,
                message_id INTEGER NOT NULL,
                body_hash BLOB NOT NULL,
                appended_at INTEGER NOT NULL,
                seq INTEGER,
                refusal TEXT,
                PRIMARY KEY (conversation, sender, client_msg_id, position)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX sends_by_time ON sends (appended_at)",
            """CREATE TABLE settings (
                conversation TEXT NOT NULL,
                from_seq INTEGER NOT NULL,
                is_group INTEGER NOT NULL,
                title TEXT NOT NULL,
                open_history INTEGER NOT NULL,
                position INTEGER NOT NULL,
                PRIMARY KEY (conversation, from_seq)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE members (
                conversation TEXT NOT NULL,
                user TEXT NOT NULL,
                from_seq INTEGER NOT NULL,
                role TEXT NOT NULL,
                joined_seq INTEGER NOT NULL,
                to_seq INTEGER,
                position INTEGER NOT NULL,
                PRIMARY KEY (conversation, user, from_seq)
            ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX members_by_user ON members (user, conversation, to_seq)",
            """CREATE TABLE reactions (
                conversation TEXT NOT NULL,
                target_seq INTEGER NOT NULL,
                user TEXT NOT NULL,
                emoji TEXT NOT NULL,
                seq INTEGER NOT NULL,
                removed INTEGER NOT NULL,
                position INTEGER NOT NULL,
                PRIMARY KEY (conversation, target_seq, user, emoji)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE watermarks (
                conversation TEXT NOT NULL,
                user TEXT NOT NULL,
                delivered_seq INTEGER NOT NULL,
                read_seq INTEGER NOT NULL,
                PRIMARY KEY (conversation, user)
            ) STRICT, WITHOUT ROWID""",
            """CREATE TABLE profiles (
                user TEXT PRIMARY KEY,
                last_seen INTEGER,
                hide_presence INTEGER NOT NULL DEFAULT 0
            ) STRICT, WITHOUT ROWID""",
            "CREATE TABLE probes (id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT",
        ),
        (
            "CREATE TABLE progress (partition INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT",
            # A store from before this table is folded up to its heads, whichever partitions they belong to.
            """INSERT INTO progress
                WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1023)
                SELECT n, (SELECT max(position) FROM heads) FROM numbers WHERE EXISTS (SELECT 1 FROM heads)""",
        ),
    ),
)

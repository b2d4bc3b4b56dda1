"""The tables of the message store, as steps that only add.

Every row that the sequencer writes carries its log position as its timestamp, so that a replay or a zombie changes
nothing; no write of these tables uses the wall clock, a dropped column's name is never used again (its drop time would
hide later cells), and compaction never goes by time. Times are milliseconds since 1970.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from parley.contract import SENDS_TTL_MS


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. Its statements only add, and each may be executed again after an interruption."""

    version: int
    name: str
    statements: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """What tells whether a recorded step is the one that this program knows."""
        return hashlib.blake2b("\n;".join(self.statements).encode(), digest_size=12).hexdigest()


HISTORY_TABLE: Final = """CREATE TABLE IF NOT EXISTS schema_migrations (
    scope text, version int, name text, checksum text, applied_at bigint, PRIMARY KEY ((scope), version)
) WITH comment = 'Which steps of the schema were applied'"""

MIGRATIONS: Final = (
    Migration(
        1,
        "conversations, members, watermarks, profiles",
        (
            """CREATE TABLE IF NOT EXISTS messages (
                conversation_id text, bucket int, seq bigint,
                head_seq bigint static, head_position bigint static, head_messages bigint static,
                position bigint, message_id bigint, sender_id text, client_msg_id text, kind text, created_at bigint,
                messages bigint, content blob, target_seq bigint, change blob, edited_seq bigint, edited_at bigint,
                deleted_seq bigint, trace text,
                PRIMARY KEY ((conversation_id, bucket), seq)
            ) WITH CLUSTERING ORDER BY (seq DESC)
            AND comment = 'Entries of a conversation in buckets of 4096 seqs; the head is static'""",
            f"""CREATE TABLE IF NOT EXISTS sends (
                conversation_id text, bucket int, sender_id text, client_msg_id text, position bigint,
                seq bigint, message_id bigint, body_hash blob, appended_at bigint, refusal text,
                PRIMARY KEY ((conversation_id, bucket), sender_id, client_msg_id, position)
            ) WITH CLUSTERING ORDER BY (sender_id ASC, client_msg_id ASC, position DESC)
            AND default_time_to_live = {SENDS_TTL_MS // 1000}
            AND comment = 'What became of each attempt, by its key'""",
            """CREATE TABLE IF NOT EXISTS conversations (
                conversation_id text PRIMARY KEY, last_bucket int
            ) WITH comment = 'Where to begin to look for the newest bucket; written before a bucket has rows'""",
            """CREATE TABLE IF NOT EXISTS settings (
                conversation_id text, from_seq bigint, is_group boolean, title text, open_history boolean,
                PRIMARY KEY ((conversation_id), from_seq)
            ) WITH comment = 'What a conversation is, from a seq on'""",
            """CREATE TABLE IF NOT EXISTS members (
                conversation_id text, user_id text, from_seq bigint, to_seq bigint, role text, joined_seq bigint,
                PRIMARY KEY ((conversation_id), user_id, from_seq)
            ) WITH comment = 'Spans of membership'""",
            """CREATE TABLE IF NOT EXISTS reactions (
                conversation_id text, bucket int, target_seq bigint, user_id text, emoji text, seq bigint,
                removed boolean,
                PRIMARY KEY ((conversation_id, bucket), target_seq, user_id, emoji)
            ) WITH comment = 'The newest word of each user on each emoji of a message'""",
            """CREATE TABLE IF NOT EXISTS user_conversations (
                user_id text, conversation_id text, member boolean, PRIMARY KEY ((user_id), conversation_id)
            ) WITH comment = 'Conversations that a user is or was in'""",
            """CREATE TABLE IF NOT EXISTS watermarks (
                conversation_id text, user_id text, delivered_seq bigint, read_seq bigint,
                PRIMARY KEY ((conversation_id), user_id)
            ) WITH comment = 'How far users got; each cell carries its own seq as its timestamp'""",
            """CREATE TABLE IF NOT EXISTS profiles (
                user_id text PRIMARY KEY, last_seen bigint, hide_presence boolean
            ) WITH comment = 'Facts about users'""",
            """CREATE TABLE IF NOT EXISTS progress (
                log_partition int PRIMARY KEY, position bigint
            ) WITH comment = 'How far each partition of the ingress log is folded into these tables'""",
        ),
    ),
)
"""Never change a step that was released: add one."""

"""What the writer thread does to the log: appends of one group are numbered and timed partition by partition."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from parley.adapters.sqlite.database import Work
from parley.adapters.sqlite.log_schema import place_of
from parley.domain.position import message_id_of, position_of
from parley.ports.clock import Clock
from parley.ports.event_log import Appended

_ID_SEQUENCE: Final = 0xFFF


@dataclass(frozen=True, slots=True)
class Append:
    """Values for one partition; run by `run_log_group`, never by itself."""

    partition_id: int
    number: int
    values: tuple[bytes, ...]

    def __call__(self, connection: sqlite3.Connection) -> list[Appended]:
        """Exists to be a work; an append needs the log's clock."""
        raise NotImplementedError


def run_log_group(connection: sqlite3.Connection, works: Sequence[Work[Any]], clock: Clock) -> list[Any]:
    """Run a transaction's works; appends come first, together, since nothing orders concurrent works."""
    by_partition: dict[int, list[Append]] = {}
    for work in works:
        if isinstance(work, Append):
            by_partition.setdefault(work.partition_id, []).append(work)
    now = clock.now_ms() if by_partition else 0
    appended: dict[int, list[Appended]] = {}
    for partition_id, appends in by_partition.items():
        appended |= _append(connection, partition_id, appends, now)
    return [appended[id(work)] if isinstance(work, Append) else work(connection) for work in works]


def _append(
    connection: sqlite3.Connection, partition_id: int, appends: Sequence[Append], now: int
) -> dict[int, list[Appended]]:
    """Number the values of one partition, by `id` of their append.

    The log's time never goes back, and moves on whenever the twelve offset bits of a message id begin anew: so ids
    stay unique however fast values come, and while the machine's clock is behind the log's.
    """
    query = "SELECT generation, next_offset, appended_at FROM partitions WHERE id = ?"
    generation, offset, latest = connection.execute(query, (partition_id,)).fetchone()
    rows: list[tuple[int, int, bytes]] = []
    results: dict[int, list[Appended]] = {}
    latest = max(latest, now)
    for append in appends:
        places = results[id(append)] = []
        for value in append.values:
            if offset & _ID_SEQUENCE == 0 and offset > 0:
                latest += 1
            rows.append((place_of(partition_id, offset), latest, value))
            message_id = message_id_of(latest, append.number, offset)
            places.append(Appended(position_of(generation, offset), latest, message_id))
            offset += 1
    connection.executemany("INSERT INTO records (place, appended_at, value) VALUES (?, ?, ?)", rows)
    update = "UPDATE partitions SET next_offset = ?, appended_at = ? WHERE id = ?"
    connection.execute(update, (offset, latest, partition_id))
    return results


def write_commits(group: str, next_offsets: Mapping[int, int]) -> Work[None]:
    """Keep a group's progress by partition id; it never goes back."""

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT INTO commits (consumer_group, partition_id, next_offset) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset "
            "WHERE excluded.next_offset > commits.next_offset",
            [(group, partition_id, offset) for partition_id, offset in next_offsets.items()],
        )

    return work


def probe(connection: sqlite3.Connection) -> None:
    """Write something, to learn whether writing works."""
    connection.execute("INSERT INTO probes VALUES (1, 1) ON CONFLICT DO UPDATE SET count = count + 1")

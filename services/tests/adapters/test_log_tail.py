"""Who keeps up with the embedded log reads it from memory, and whoever is behind gets the same from the file."""

from pathlib import Path

import pytest

from parley.adapters.sqlite.event_log import SqliteEventLog, open_log
from parley.adapters.sqlite.log_tail import TAIL_BYTES, TAIL_RECORDS, LogTail
from parley.contract import INGRESS
from parley.ports.event_log import LogRecord
from tests.ports.conftest import ManualClock


def record(position: int, value: bytes = b"x") -> LogRecord:
    return LogRecord(0, position, 1, position, value)


def positions(found: list[LogRecord] | None) -> list[int] | None:
    return None if found is None else [one.position for one in found]


def test_a_tail_gives_what_it_holds_and_sends_everybody_else_to_the_file() -> None:
    tail = LogTail()
    assert tail.since(0, 10) is None
    tail.extend(record(n) for n in range(5, 9))
    assert tail.since(4, 10) is None
    assert positions(tail.since(6, 2)) == [6, 7]
    assert positions(tail.since(6, 10)) == [6, 7, 8]
    assert positions(tail.since(9, 10)) == []


def test_a_tail_never_hides_a_hole() -> None:
    tail = LogTail()
    tail.extend([record(1), record(2), record(4)])
    assert tail.since(2, 10) is None
    assert positions(tail.since(4, 10)) == [4]


@pytest.mark.parametrize("size", [1, TAIL_BYTES // 8])
def test_a_tail_is_bounded_in_records_and_in_bytes(size: int) -> None:
    tail = LogTail()
    tail.extend(record(n, b"x" * size) for n in range(2 * TAIL_RECORDS))
    kept = min(TAIL_RECORDS, TAIL_BYTES // size)
    assert tail.since(2 * TAIL_RECORDS - kept - 1, 1) is None
    assert len(tail.since(2 * TAIL_RECORDS - kept, 2 * TAIL_RECORDS) or ()) == kept


async def _values(log: SqliteEventLog, group: str) -> list[bytes]:
    consumer = log.consumer(INGRESS.name, group)
    values: list[bytes] = []
    while records := (await consumer.poll(500, 0.05)).records:
        values += [one.value for one in records]
    await consumer.close()
    return values


async def test_g1_memory_and_file_tell_the_same(tmp_path: Path) -> None:
    log = await open_log(tmp_path, ManualClock(), {INGRESS.name: 2})
    written = [f"{n}".encode() for n in range(2 * TAIL_RECORDS)]
    for first in range(0, len(written), 64):
        await log.append(INGRESS.name, 1, written[first : first + 64])
    assert await _values(log, "behind at first, then abreast") == written
    await log.close()
    again = await open_log(tmp_path, ManualClock(), {INGRESS.name: 2})
    await again.append(INGRESS.name, 1, [b"news"])
    assert await _values(again, "after a restart") == [*written, b"news"]
    await again.close()


async def test_who_keeps_up_does_not_read_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = await open_log(tmp_path, ManualClock(), {INGRESS.name: 1})
    consumer = log.consumer(INGRESS.name, "quick")
    await log.append(INGRESS.name, 0, [b"a"])
    await consumer.poll(10, 0.05)

    def refuse(*_: object) -> None:
        pytest.fail("the file was read")

    monkeypatch.setattr(log.database, "read", refuse)
    await log.append(INGRESS.name, 0, [b"b", b"c"])
    assert [one.value for one in (await consumer.poll(10, 0.05)).records] == [b"b", b"c"]
    await log.close()

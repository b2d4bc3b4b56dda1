"""The newest records of a partition, in memory: who keeps up never reads the file."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from parley.domain.position import offset_of
from parley.ports.event_log import LogRecord

TAIL_RECORDS: Final = 1_024
TAIL_BYTES: Final = 256 * 1024


class LogTail:
    """Holds durable records without a hole between them, the oldest of which fall out."""

    __slots__ = ("_bytes", "_records")

    def __init__(self) -> None:
        """Hold nothing: what was there before this process is in the file."""
        self._records: deque[LogRecord] = deque()
        self._bytes = 0

    def extend(self, records: Iterable[LogRecord]) -> None:
        """Take durable records, in order; after a hole only the newer side is kept."""
        for record in records:
            if self._records and record.position != self._records[-1].position + 1:
                self._records.clear()
                self._bytes = 0
            self._records.append(record)
            self._bytes += len(record.value)
        while len(self._records) > TAIL_RECORDS or self._bytes > TAIL_BYTES:
            self._bytes -= len(self._records.popleft().value)

    def since(self, offset: int, limit: int) -> list[LogRecord] | None:
        """Records from an offset on, at most so many; None when the tail begins after it, so that the file is asked."""
        if not self._records:
            return None
        first = offset - offset_of(self._records[0].position)
        if first < 0:
            return None
        records = self._records
        return [records[index] for index in range(first, min(len(records), first + limit))]

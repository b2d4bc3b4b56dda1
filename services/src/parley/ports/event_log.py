"""The ordered, durable log: the truth that everything else is derived from."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Appended(msgspec.Struct, frozen=True, gc=False):
    """Where a value came to stand. `appended_at` is the log's own time in ms, `message_id` follows from the place."""

    position: int
    appended_at: int
    message_id: int


class LogRecord(msgspec.Struct, frozen=True, gc=False):
    """One value read back, with its place."""

    partition: int
    position: int
    appended_at: int
    message_id: int
    value: bytes


class Polled(msgspec.Struct, frozen=True):
    """What a poll brought: records in order per partition, and partitions whose state must be forgotten first.

    `revoked` partitions belong to somebody else now (or again to us, from the last commit): drop what you hold of them.
    `assigned` ones are ours from now on, whether there is anything to read in them or not; told after `revoked`.
    """

    records: tuple[LogRecord, ...] = ()
    revoked: frozenset[int] = frozenset()
    assigned: frozenset[int] = frozenset()


class Behind(msgspec.Struct, frozen=True, gc=False):
    """How many records of a partition a group has not committed, and a number that grows by one with each record."""

    waiting: int
    end: int


class EventLog(Protocol):
    """Named topics with numbered partitions. Errors: ParleyError UNAVAILABLE when it cannot write or read now."""

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has; fixed for its life."""
        ...

    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        """Write values next to each other, in order; returns when all are durable (G1), raises when none is promised.

        After an error it is unknown whether they were written: the caller marks what it sends again as a retry.
        """
        ...

    def consumer(self, topic: str, group: str) -> "LogConsumer":
        """Join the group that shares the topic's partitions; a new group begins with the oldest record."""
        ...

    async def end(self, topic: str, partition: int) -> int:
        """The position that the next record will have."""
        ...

    async def lag(self, topic: str, group: str) -> dict[int, int]:
        """Records not yet committed by the group, per partition."""
        ...

    async def behind(self, topic: str, group: str) -> dict[int, Behind]:
        """The same, with where each partition ends: two looks then tell how many records were worked off."""
        ...


class LogConsumer(Protocol):
    """One member of a consumer group. Records come again from the last commit after a crash or a rebalance."""

    async def poll(self, limit: int, timeout_s: float) -> Polled:
        """Wait for records, at most `timeout_s`; returns early with what is there, at most `limit` of them."""
        ...

    async def commit(self, positions: dict[int, int]) -> None:
        """Record that everything up to these positions (per partition, inclusive) has had its effect."""
        ...

    async def rewind(self, partition: int) -> None:
        """Read this partition again from the last commit, after an effect failed half way."""
        ...

    async def close(self) -> None:
        """Leave the group; closing the log does it too for whoever has not."""
        ...

"""One member of a consumer group on Kafka. The consumer belongs to one thread; offsets go back to it."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

import structlog
from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition
from typing_extensions import override

from parley.adapters.kafka.access import KafkaAccess, consumer_configuration
from parley.adapters.kafka.credential_watch import CredentialWatch
from parley.adapters.kafka.failures import unavailable
from parley.adapters.kafka.open_consumers import close_consumer, open_consumer
from parley.domain.position import message_id_of, offset_of, position_of
from parley.ports.event_log import LogConsumer, LogRecord, Polled

_COMMITTED_S: Final = 5.0
_T = TypeVar("_T")
_log: Final = structlog.get_logger()


class KafkaLogConsumer(LogConsumer):
    """Fetches on request; what was fetched for a poll that was cancelled is handed out by the next one."""

    def __init__(self, access: KafkaAccess, topic: str, group: str, member: str) -> None:
        """Join at the first poll."""
        self._access = access
        self._group = group
        self._member = member
        self._topic = access.topic_name(topic)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"kafka-{group}")
        self._polling: asyncio.Future[Polled] | None = None
        self._consumer: Consumer | None = None
        self._credentials: CredentialWatch | None = None
        self._committed: dict[int, int] = {}
        self._to_commit: dict[int, int] = {}
        self._to_rewind: set[int] = set()
        self._revoked: set[int] = set()
        self._assigned: set[int] = set()
        self._lame = False
        self._left: asyncio.Future[None] | None = None

    @override
    async def poll(self, limit: int, timeout_s: float) -> Polled:
        if self._polling is None:
            self._polling = self._submit(partial(self._poll, limit, timeout_s))
        polling = self._polling
        try:
            polled = await asyncio.shield(polling)
        except asyncio.CancelledError:
            raise
        except BaseException:
            self._polling = None
            raise
        self._polling = None
        return polled

    @override
    async def commit(self, positions: dict[int, int]) -> None:
        """The offsets travel with the next poll; they are sent in any case before a partition is given up."""
        for partition, position in positions.items():
            if position >= 0:
                self._committed[partition] = self._to_commit[partition] = offset_of(position) + 1

    @override
    async def rewind(self, partition: int) -> None:
        self._to_rewind.add(partition)

    @override
    async def close(self) -> None:
        if self._left is None:
            self._left = self._submit(self._leave)
            self._thread.shutdown(wait=False)
        await asyncio.shield(self._left)

    def _submit(self, work: Callable[[], _T]) -> "asyncio.Future[_T]":
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _poll(self, limit: int, timeout_s: float) -> Polled:
        try:
            consumer = self._joined()
            self._send_commits(wait=False)
            self._rewind(consumer)
            messages = self._fetch(consumer, limit, timeout_s)
            if self._lame:
                self._give_up()
        except KafkaException as error:
            raise unavailable(error, self._access, f"{self._topic} was not read") from None
        records = [self._record(message) for message in messages if message.partition() not in self._revoked]
        if self._consumer is consumer:
            self._return_to_commit(consumer, messages)
        revoked, assigned = frozenset(self._revoked), frozenset(self._assigned)
        self._revoked.clear()
        self._assigned.clear()
        return Polled(tuple(records), revoked, assigned)

    def _joined(self) -> Consumer:
        if self._consumer is None:
            self._consumer = open_consumer(consumer_configuration(self._access, self._group, self._member))
            self._credentials = CredentialWatch(self._access.credentials, self._consumer)
            callbacks = {"on_assign": self._on_assign, "on_revoke": self._on_revoke, "on_lost": self._on_lost}
            self._consumer.subscribe([self._topic], **callbacks)
        assert self._credentials is not None  # noqa: S101 - made with the consumer
        self._credentials.refresh()
        return self._consumer

    def _fetch(self, consumer: Consumer, limit: int, timeout_s: float) -> list[Message]:
        """Wait for one record, then take what is there: consume() alone would wait for a full batch."""
        first = consumer.poll(timeout_s)
        if first is None:
            return []
        messages = [first, *(consumer.consume(limit - 1, timeout=0) if limit > 1 else ())]
        good = [message for message in messages if message.error() is None]
        for message in messages:
            if (error := message.error()) is not None:
                self._judge(error, bool(good))
        return good

    def _judge(self, error: KafkaError, has_records: bool) -> None:  # noqa: FBT001 - one fact of the same fetch
        """Leave a group from which this member was thrown out; raise what a person should see."""
        if error.fatal() or error.code() in {KafkaError.FENCED_INSTANCE_ID, KafkaError.UNKNOWN_MEMBER_ID}:
            self._give_up()
        elif has_records:
            _log.warning("reading met an error", topic=self._topic, error=error.str())
            return
        raise KafkaException(error)

    def _give_up(self) -> None:
        """Begin anew with another consumer: whatever was held may be somebody else's by now."""
        consumer, self._consumer, self._lame = self._consumer, None, False
        self._to_commit.clear()
        if consumer is not None:
            self._revoked.update(part.partition for part in consumer.assignment())
            self._assigned.clear()
            close_consumer(consumer)

    def _record(self, message: Message) -> LogRecord:
        offset, partition, appended_at = message.offset(), message.partition(), message.timestamp()[1]
        assert offset is not None  # noqa: S101 - every fetched record has its place
        assert partition is not None  # noqa: S101
        value = message.value()
        return LogRecord(
            partition,
            position_of(self._access.generation, offset),
            appended_at,
            message_id_of(appended_at, partition, offset),
            value if isinstance(value, bytes) else b"",
        )

    def _return_to_commit(self, consumer: Consumer, messages: Iterable[Message]) -> None:
        """Read again what was fetched of a partition that left us within this very poll, if it is ours again."""
        dropped = {message.partition() for message in messages} & self._revoked
        if dropped:
            owned = {part.partition for part in consumer.assignment()}
            self._to_rewind.update(part for part in dropped if part in owned and part is not None)

    def _rewind(self, consumer: Consumer) -> None:
        owned = {part.partition for part in consumer.assignment()} if self._to_rewind else set()
        for partition in sorted(self._to_rewind):
            if partition in owned:
                consumer.seek(TopicPartition(self._topic, partition, self._resume_at(consumer, partition)))
            self._to_rewind.discard(partition)

    def _resume_at(self, consumer: Consumer, partition: int) -> int:
        """Where the group goes on: what this member committed, or what the brokers know."""
        known = self._committed.get(partition)
        if known is not None:
            return known
        (stored,) = self._with_offsets(consumer, [TopicPartition(self._topic, partition)])
        return stored.offset

    def _send_commits(self, *, wait: bool) -> None:
        if self._consumer is None or not self._to_commit:
            return
        reached, self._to_commit = self._to_commit, {}
        offsets = [TopicPartition(self._topic, number, offset) for number, offset in reached.items()]
        try:
            if wait:
                self._consumer.commit(offsets=offsets, asynchronous=False)
            else:
                self._consumer.commit(offsets=offsets)
        except KafkaException as error:
            # The records come again, to us or to the partition's new owner, and change nothing.
            _log.warning("offsets were not committed", topic=self._topic, error=str(error))

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin where the group stopped, by an offset that is asked for here.

        Left to itself, librdkafka never begins with a partition whose offset it asked of a coordinator that had just
        moved (its issue 5586).
        """
        numbers = [part.partition for part in partitions]
        _log.info("partitions assigned", topic=self._topic, group=self._group, partitions=sorted(numbers))
        for number in numbers:
            self._committed.pop(number, None)
        if not partitions:
            return
        try:
            consumer.incremental_assign(self._with_offsets(consumer, partitions))
            self._assigned.update(numbers)
        except KafkaException as error:
            _log.warning("offsets were not read: joining anew", topic=self._topic, error=str(error))
            consumer.incremental_assign([TopicPartition(self._topic, number, OFFSET_END) for number in numbers])
            self._revoked.update(numbers)
            self._lame = True

    def _with_offsets(self, consumer: Consumer, partitions: list[TopicPartition]) -> list[TopicPartition]:
        stored = consumer.committed(partitions, timeout=_COMMITTED_S)
        failed = next((part.error for part in stored if part.error is not None), None)
        if failed is not None:
            raise KafkaException(failed)
        return [
            TopicPartition(self._topic, part.partition, part.offset if part.offset >= 0 else OFFSET_BEGINNING)
            for part in stored
        ]

    def _on_revoke(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._send_commits(wait=True)
        self._forget(partitions, "partitions revoked")

    def _on_lost(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        """Somebody else may have them already; what was not committed is his."""
        for part in partitions:
            self._to_commit.pop(part.partition, None)
        self._forget(partitions, "partitions lost")

    def _forget(self, partitions: list[TopicPartition], event: str) -> None:
        numbers = [part.partition for part in partitions]
        _log.info(event, topic=self._topic, group=self._group, partitions=sorted(numbers))
        self._revoked.update(numbers)
        self._assigned.difference_update(numbers)
        for number in numbers:
            self._committed.pop(number, None)
            self._to_rewind.discard(number)

    def _leave(self) -> None:
        self._send_commits(wait=True)
        if self._consumer is not None:
            close_consumer(self._consumer)
            self._consumer = None

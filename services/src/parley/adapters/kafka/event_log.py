"""The event log on Kafka: topics with a fixed number of partitions, named after their generation."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.admin._metadata import ClusterMetadata
from typing_extensions import override

from parley.adapters.kafka.access import KafkaAccess, client_configuration
from parley.adapters.kafka.consumer import KafkaLogConsumer
from parley.adapters.kafka.credential_watch import CredentialWatch
from parley.adapters.kafka.failures import unavailable
from parley.adapters.kafka.group_offsets import GroupOffsets
from parley.adapters.kafka.producer import KafkaProducer
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.position import position_of
from parley.ports.event_log import Appended, Behind, EventLog, LogConsumer
from parley.runtime.misfit import Misfit

_REQUEST_S: Final = 5.0
_METADATA_S: Final = 3.0
_STALE_LEADER: Final = frozenset(
    {
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
    }
)
_BEGINNING: Final = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_END: Final = OffsetSpec.latest()  # type: ignore[no-untyped-call]


class KafkaEventLog(EventLog):
    """Made at once whether or not the brokers can be reached; every call says when they cannot."""

    def __init__(self, access: KafkaAccess) -> None:
        """Connect in the background; must be made in a running event loop."""
        self._access = access
        self._producer = KafkaProducer(access)
        self._admin = AdminClient(client_configuration(access))
        self._credentials = CredentialWatch(access.credentials, self._admin)
        self._groups = GroupOffsets(access)
        self._members: dict[str, int] = {}
        self._consumers: list[KafkaLogConsumer] = []

    @override
    async def partitions(self, topic: str) -> int:
        """The declared number. That the brokers agree is verified once, at start, by `verify`."""
        return self._declared(topic)

    @override
    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        self._check_place(topic, partition)
        return await self._producer.append(topic, partition, values) if values else []

    @override
    def consumer(self, topic: str, group: str) -> LogConsumer:
        self._declared(topic)
        consumer = KafkaLogConsumer(self._access, topic, group, self._member_of(group))
        self._consumers.append(consumer)
        return consumer

    @override
    async def end(self, topic: str, partition: int) -> int:
        self._check_place(topic, partition)
        ends = await self._offsets(topic, [partition], _END)
        return position_of(self._access.generation, ends[partition])

    @override
    async def lag(self, topic: str, group: str) -> dict[int, int]:
        return {number: each.waiting for number, each in (await self.behind(topic, group)).items()}

    @override
    async def behind(self, topic: str, group: str) -> dict[int, Behind]:
        """What the group committed is asked first, so that the lag is never taken for smaller than it is."""
        numbers = range(self._declared(topic))
        committed = await self._groups.committed(group, topic, numbers)
        ends = await self._offsets(topic, numbers, _END)
        fresh = [number for number in numbers if number not in committed]
        begins = await self._offsets(topic, fresh, _BEGINNING) if fresh else {}
        return {
            number: Behind(max(0, ends[number] - begins.get(number, committed.get(number, 0))), ends[number])
            for number in numbers
        }

    async def check(self) -> None:
        """Raise ParleyError UNAVAILABLE unless the brokers answer and have the topics; Misfit for other partitions."""
        for topic, count in (await self.counts()).items():
            wanted = self._declared(topic)
            if count != wanted:
                text = (
                    f"topic {self._access.topic_name(topic)} has {count} partitions, but PARLEY_PARTITIONS says "
                    f"{wanted}: a conversation's order lives in one partition, so the number must not change. Set "
                    f"PARLEY_PARTITIONS={count}, or begin a new generation of the log with PARLEY_LOG_GENERATION"
                )
                raise Misfit(text)

    async def counts(self) -> dict[str, int]:
        """How many partitions the topics have on the brokers, by our name for them."""
        self._credentials.refresh()
        metadata = await self._metadata()
        found: dict[str, int] = {}
        for topic in self._access.partitions:
            known = metadata.topics.get(self._access.topic_name(topic))
            if known is None or known.error is not None:
                text = f"topic {self._access.topic_name(topic)!r} does not exist: create it with `parley topics apply`"
                raise ParleyError(ErrorCode.UNAVAILABLE, text)
            found[topic] = len(known.partitions)
        return found

    async def close(self) -> None:
        """Wait for what is under way, and leave the groups that were joined here and not left."""
        await asyncio.gather(*(consumer.close() for consumer in self._consumers), return_exceptions=True)
        await self._producer.close()
        await self._groups.close()

    async def _offsets(self, topic: str, partitions: Sequence[int], spec: OffsetSpec) -> dict[int, int]:
        """Ask the partitions' leaders.

        librdkafka goes on asking a leader that it remembers after the leader has changed, and fails: it is then told to
        look again.
        """
        self._credentials.refresh()
        try:
            return await self._ask_leaders(topic, partitions, spec)
        except KafkaException as error:
            if error.args[0].code() not in _STALE_LEADER:
                raise unavailable(error, self._access, f"offsets of {topic} were not read") from None
        await self._metadata()
        try:
            return await self._ask_leaders(topic, partitions, spec)
        except KafkaException as error:
            raise unavailable(error, self._access, f"offsets of {topic} were not read") from None

    async def _ask_leaders(self, topic: str, partitions: Sequence[int], spec: OffsetSpec) -> dict[int, int]:
        name = self._access.topic_name(topic)
        futures = self._admin.list_offsets(
            {TopicPartition(name, number): spec for number in partitions}, request_timeout=_REQUEST_S
        )
        results = await asyncio.gather(*map(asyncio.wrap_future, futures.values()))
        offsets = {part.partition: result.offset for part, result in zip(futures, results, strict=True)}
        return known_offsets(offsets, topic, self._access.brokers)

    async def _metadata(self) -> ClusterMetadata:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(None, lambda: self._admin.list_topics(timeout=_METADATA_S))
        except KafkaException as error:
            raise unavailable(error, self._access, "the topics were not read") from None

    def _declared(self, topic: str) -> int:
        count = self._access.partitions.get(topic)
        if count is None:
            known = ", ".join(sorted(self._access.partitions))
            raise ParleyError(ErrorCode.INTERNAL, f"topic {topic!r} does not exist; there are {known}")
        return count

    def _check_place(self, topic: str, partition: int) -> None:
        count = self._declared(topic)
        if not 0 <= partition < count:
            text = f"topic {topic!r} has no partition {partition}; it has 0 to {count - 1}"
            raise ParleyError(ErrorCode.INTERNAL, text)

    def _member_of(self, group: str) -> str:
        """The process' own name for its first member of a group; further members join without one."""
        count = self._members.get(group, 0)
        self._members[group] = count + 1
        return self._access.member if count == 0 else ""


def known_offsets(offsets: Mapping[int, int], topic: str, brokers: str) -> dict[int, int]:
    """The offsets as they are; raises ParleyError UNAVAILABLE when one is unknown.

    librdkafka answers -1001 without an error while a new leader does not know yet where its partition ends. Taken for
    an offset, it would say that the log was lost.
    """
    unknown = sorted(number for number, offset in offsets.items() if offset < 0)
    if unknown:
        text = f"Kafka at {brokers} does not know yet where partitions {unknown} of {topic} begin and end"
        raise ParleyError(ErrorCode.UNAVAILABLE, text)
    return dict(offsets)

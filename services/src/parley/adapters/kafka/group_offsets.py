"""What consumer groups committed, asked by a client that does not join them."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from parley.adapters.kafka.access import KafkaAccess, consumer_configuration
from parley.adapters.kafka.credential_watch import CredentialWatch
from parley.adapters.kafka.failures import unavailable
from parley.adapters.kafka.open_consumers import close_consumer, open_consumer

_ANSWER_S: Final = 5.0


class GroupOffsets:
    """One consumer per group, which never subscribes.

    The admin client has a call for this, but librdkafka 2.x dereferences a null pointer in it when a coordinator is not
    ready (its issue 5040): the process dies of a segmentation fault, and that is the state of every new cluster.
    """

    def __init__(self, access: KafkaAccess) -> None:
        """Connect at the first question."""
        self._access = access
        self._asked: dict[str, tuple[Consumer, CredentialWatch]] = {}
        self._lock = threading.Lock()

    async def committed(self, group: str, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """The offset after the last committed record of each partition; partitions without one are left out.

        Raises ParleyError UNAVAILABLE.
        """
        wanted = [TopicPartition(self._access.topic_name(topic), number) for number in partitions]
        return await asyncio.get_running_loop().run_in_executor(None, self._ask, group, wanted)

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _ask(self, group: str, wanted: list[TopicPartition]) -> dict[int, int]:
        with self._lock:
            try:
                answer = self._client(group).committed(wanted, timeout=_ANSWER_S)
            except KafkaException as error:
                raise unavailable(error, self._access, f"the offsets of group {group} were not read") from None
        failed = next((part.error for part in answer if part.error is not None), None)
        if failed is not None:
            cause = KafkaException(failed)
            raise unavailable(cause, self._access, f"the offsets of group {group} were not read")
        return {part.partition: part.offset for part in answer if part.offset >= 0}

    def _client(self, group: str) -> Consumer:
        if group not in self._asked:
            client = open_consumer(consumer_configuration(self._access, group, ""))
            self._asked[group] = client, CredentialWatch(self._access.credentials, client)
        client, credentials = self._asked[group]
        credentials.refresh()
        return client

    def _close(self) -> None:
        with self._lock:
            for client, _ in self._asked.values():
                close_consumer(client)
            self._asked.clear()

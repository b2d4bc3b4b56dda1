"""Asks and changes the brokers' topics, and moves a consumer group. Blocking: for commands, not for roles."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from parley.adapters.kafka.access import KafkaAccess, client_configuration
from parley.adapters.kafka.failures import unavailable
from parley.adapters.kafka.topics import TopicPlan, TopicState, plan, wanted_topics
from parley.contract import TOPICS
from parley.domain.errors import ErrorCode, ParleyError

_REQUEST_S: Final = 15.0


class TopicAdmin:
    """One connection to the brokers. Every error is ParleyError UNAVAILABLE, a refused plan FORBIDDEN."""

    def __init__(self, access: KafkaAccess, replication: int, retention_ms: Mapping[str, int] | None = None) -> None:
        """Connect at the first question; `retention_ms` keeps topics longer than needed."""
        self._retention_ms = retention_ms
        self._access = access
        self._replication = replication
        self._client = AdminClient(client_configuration(access))

    def plan(self) -> TopicPlan:
        """What would have to be done."""
        with self._translated("the topics were not read"):
            metadata = self._client.list_topics(timeout=_REQUEST_S)
        names = {topic.name: self._access.topic_name(topic.name) for topic in TOPICS}
        wanted = wanted_topics(names, self._access.partitions, self._replication, self._retention_ms)
        known = {topic.name: metadata.topics[topic.name] for topic in wanted if topic.name in metadata.topics}
        configs = self._configs(list(known))
        found = {
            name: TopicState(
                name,
                len(topic.partitions),
                min((len(partition.replicas) for partition in topic.partitions.values()), default=0),
                configs[name],
            )
            for name, topic in known.items()
        }
        return plan(found, wanted, len(metadata.brokers))

    def apply(self) -> Sequence[str]:
        """Carry the plan out and return what was done."""
        compared = self.plan()
        if compared.refusals:
            raise ParleyError(ErrorCode.FORBIDDEN, "; ".join(compared.refusals))
        if compared.create:
            self._create(compared.create)
        if compared.alter:
            self._alter(compared.alter)
        return compared.steps

    def delete(self) -> None:
        """Delete this installation's topics with everything in them: for installations that are taken down for good."""
        names = [self._access.topic_name(topic.name) for topic in TOPICS]
        for name, future in self._client.delete_topics(names, operation_timeout=_REQUEST_S).items():
            with self._translated(f"topic {name} was not deleted"):
                future.result()

    def offsets(self, topic: str, *, oldest: bool) -> dict[int, int]:
        """The first or the next offset of each partition."""
        name = self._access.topic_name(topic)
        spec = OffsetSpec.earliest() if oldest else OffsetSpec.latest()  # type: ignore[no-untyped-call]
        wanted = {TopicPartition(name, number): spec for number in range(self._access.partitions[topic])}
        with self._translated(f"offsets of {name} were not read"):
            answers = self._client.list_offsets(wanted, request_timeout=_REQUEST_S)
            return {part.partition: future.result().offset for part, future in answers.items()}

    def move(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """Let a group go on elsewhere; Kafka refuses while it has members."""
        name = self._access.topic_name(topic)
        parts = [TopicPartition(name, number, offset) for number, offset in offsets.items()]
        request = [ConsumerGroupTopicPartitions(self._access.group_name(group), parts)]
        with self._translated(f"group {self._access.group_name(group)} was not moved"):
            (future,) = self._client.alter_consumer_group_offsets(request, request_timeout=_REQUEST_S).values()
            future.result()

    def _create(self, topics: Sequence[TopicState]) -> None:
        made = [NewTopic(t.name, t.partitions, t.replication, config=dict(t.config)) for t in topics]
        futures: dict[str, Future[Any]] = self._client.create_topics(made, operation_timeout=_REQUEST_S)
        for name, future in futures.items():
            with self._translated(f"topic {name} was not created"):
                try:
                    future.result()
                except KafkaException as error:
                    # Somebody else was quicker: what he made is compared at the next plan.
                    if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                        raise

    def _alter(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        resources = [
            ConfigResource(
                ResourceType.TOPIC,
                name,
                incremental_configs=[
                    ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                    for key, value in config.items()
                ],
            )
            for name, config in changes.items()
        ]
        for resource, future in self._client.incremental_alter_configs(resources).items():
            with self._translated(f"topic {resource.name} was not altered"):
                future.result()

    def _configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        with self._translated("the topics' settings were not read"):
            futures = self._client.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in names])
            return {
                resource.name: {key: entry.value for key, entry in future.result().items() if entry.value is not None}
                for resource, future in futures.items()
            }

    @contextlib.contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            self._client.poll(0)  # hands what connections met to the access' callback
            raise unavailable(error, self._access, doing) from None

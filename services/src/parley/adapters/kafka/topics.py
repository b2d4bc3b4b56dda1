"""From the topics that brokers have to those that this program needs: planned as a pure comparison, then applied.

Only what loses nothing is ever done: topics are created, and settings repaired. A topic's partitions are fixed for its
life, since a conversation's order lives in exactly one; another number is refused with the way out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.contract import TOPICS, Topic
from parley.domain.errors import ErrorCode, ParleyError

_KEPT_IF_LARGER: Final = ("retention.ms", "min.insync.replicas")
"""Somebody may keep records longer, or insist on more replicas."""


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it is, or as it is wanted."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """Topics to create, settings to change by topic, and what is refused. While there are refusals nothing is done."""

    create: tuple[TopicState, ...] = ()
    alter: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[str, ...]:
        """What would be done, in words."""
        created = [
            f"create topic {topic.name} with {topic.partitions} partitions and {topic.replication} replicas"
            for topic in self.create
        ]
        altered = [
            f"set {', '.join(f'{key}={value}' for key, value in changes.items())} on topic {name}"
            for name, changes in self.alter.items()
        ]
        return (*created, *altered)


def wanted_topics(
    names: Mapping[str, str],
    partitions: Mapping[str, int],
    replication: int,
    retention_ms: Mapping[str, int] | None = None,
) -> list[TopicState]:
    """The declaration of `parley.contract`, under the names that this installation uses.

    `retention_ms` keeps the records of a topic longer; what the promises need is the least.
    """
    longer = retention_ms or {}
    return [
        TopicState(
            names[topic.name],
            partitions[topic.name],
            replication,
            _config(topic, replication, max(topic.retention_ms, longer.get(topic.name, 0))),
        )
        for topic in TOPICS
    ]


def retention_of(text: str) -> dict[str, int]:
    """Milliseconds by topic, from `topic:ms,topic:ms`; raises INVALID_FIELD for a topic that is not known."""
    found = {name: int(value) for name, _, value in (entry.partition(":") for entry in text.split(",") if entry)}
    known = [topic.name for topic in TOPICS]
    if unknown := sorted(set(found) - set(known)):
        allowed = ", ".join(known)
        message = f"PARLEY_LOG_RETENTION names {', '.join(unknown)}; allowed are {allowed}"
        raise ParleyError(ErrorCode.INVALID_FIELD, message, field="log_retention")
    return found


def _config(topic: Topic, replication: int, retention_ms: int) -> dict[str, str]:
    return {
        **topic.config,
        "cleanup.policy": "delete",
        "retention.ms": str(retention_ms),
        "retention.bytes": "-1",
        "min.insync.replicas": str(max(1, replication - 1)),
    }


def plan(found: Mapping[str, TopicState], wanted: Sequence[TopicState], brokers: int) -> TopicPlan:
    """Compare. `found` has the existing topics by name, with the settings that are in force."""
    missing = tuple(topic for topic in wanted if topic.name not in found)
    refusals: list[str] = []
    alter: dict[str, dict[str, str]] = {}
    for topic in wanted:
        held = found.get(topic.name)
        if held is None:
            continue
        refusals += _refusals(held, topic)
        if changes := _changes(held, topic):
            alter[topic.name] = changes
    if missing and missing[0].replication > brokers:
        refusals.append(
            f"{missing[0].replication} replicas are wanted, but there are {brokers} brokers: add brokers, or set "
            f"PARLEY_LOG_REPLICATION={brokers} (1 is for development only: a lost disk loses messages)"
        )
    return TopicPlan(missing, alter, tuple(refusals))


def _refusals(held: TopicState, wanted: TopicState) -> list[str]:
    refusals = []
    if held.partitions != wanted.partitions:
        refusals.append(
            f"topic {held.name} has {held.partitions} partitions, but PARLEY_PARTITIONS says {wanted.partitions}: the "
            "number is fixed for the life of a log, since order lives in a partition. Set PARLEY_PARTITIONS to "
            f"{held.partitions}, or begin a new generation of the log with PARLEY_LOG_GENERATION"
        )
    if held.replication < wanted.replication:
        refusals.append(
            f"topic {held.name} has {held.replication} replicas, but PARLEY_LOG_REPLICATION says {wanted.replication}: "
            "reassign its partitions to more brokers with Kafka's own tool, or lower the setting"
        )
    return refusals


def _changes(held: TopicState, wanted: TopicState) -> dict[str, str]:
    changes = {}
    for key, value in wanted.config.items():
        current = held.config.get(key)
        if current == value or (key in _KEPT_IF_LARGER and current is not None and _at_least(current, value)):
            continue
        changes[key] = value
    return changes


def _at_least(current: str, value: str) -> bool:
    """Whether a number is as large as another; -1 is without limit."""
    return int(current) == -1 or int(current) >= int(value)

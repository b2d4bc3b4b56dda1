"""`parley topics`: what differs between the brokers and the declaration, and what is never done."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.adapters.kafka.topics import TopicState, plan, wanted_topics
from parley.contract import INGRESS, TOPICS, topic_partitions

NAMES = {topic.name: f"parley.{topic.name}.0" for topic in TOPICS}
WANTED = wanted_topics(NAMES, topic_partitions(64), 3)
THERE = {topic.name: topic for topic in WANTED}
INGRESS_NAME = NAMES[INGRESS.name]


def changed(**changes: object) -> dict[str, TopicState]:
    """The brokers' topics with the ingress topic otherwise."""
    return THERE | {INGRESS_NAME: dataclasses.replace(THERE[INGRESS_NAME], **changes)}  # type: ignore[arg-type]


def configured(key: str, value: str) -> dict[str, TopicState]:
    return changed(config={**THERE[INGRESS_NAME].config, key: value})


def test_an_empty_cluster_gets_every_topic_with_replicas_that_survive_one_broker() -> None:
    compared = plan({}, WANTED, 3)
    assert compared.create == tuple(WANTED)
    assert compared.refusals == ()
    assert all(topic.config["min.insync.replicas"] == "2" for topic in compared.create)
    assert f"create topic {INGRESS_NAME} with 64 partitions and 3 replicas" in compared.steps


def test_what_was_applied_needs_nothing_more() -> None:
    assert plan(THERE, WANTED, 3).steps == ()


@pytest.mark.parametrize("count", [1, 63, 65])
def test_g2_another_number_of_partitions_is_refused_with_the_way_out(count: int) -> None:
    (refusal,) = plan(changed(partitions=count), WANTED, 3).refusals
    assert f"has {count} partitions, but PARLEY_PARTITIONS says 64" in refusal
    assert "PARLEY_LOG_GENERATION" in refusal


def test_g1_fewer_replicas_than_wanted_are_refused_with_the_way_out() -> None:
    (refusal,) = plan(changed(replication=1), WANTED, 3).refusals
    assert "PARLEY_LOG_REPLICATION" in refusal


def test_more_replicas_than_brokers_are_refused_before_anything_is_created() -> None:
    (refusal,) = plan({}, WANTED, 1).refusals
    assert "3 replicas are wanted, but there are 1 brokers" in refusal


@pytest.mark.parametrize(
    ("key", "value"), [("cleanup.policy", "compact"), ("retention.ms", "1"), ("min.insync.replicas", "1")]
)
def test_g1_a_setting_that_could_lose_records_is_repaired(key: str, value: str) -> None:
    wanted = THERE[INGRESS_NAME].config[key]
    assert plan(configured(key, value), WANTED, 3).alter == {INGRESS_NAME: {key: wanted}}


@pytest.mark.parametrize(("key", "value"), [("retention.ms", "-1"), ("min.insync.replicas", "3")])
def test_who_keeps_more_may_keep_it(key: str, value: str) -> None:
    assert plan(configured(key, value), WANTED, 3).steps == ()


@given(
    partitions=st.integers(1, 100),
    replication=st.integers(1, 5),
    config=st.dictionaries(st.sampled_from(sorted(THERE[INGRESS_NAME].config)), st.sampled_from(["1", "-1"])),
)
def test_carrying_out_a_plan_leaves_nothing_to_do(partitions: int, replication: int, config: dict[str, str]) -> None:
    held = TopicState(INGRESS_NAME, partitions, replication, {**THERE[INGRESS_NAME].config, **config})
    compared = plan({INGRESS_NAME: held}, WANTED, 3)
    after = {topic.name: topic for topic in compared.create}
    altered = compared.alter.get(INGRESS_NAME, {})
    after[INGRESS_NAME] = dataclasses.replace(held, config={**held.config, **altered})
    again = plan(after, WANTED, 3)
    assert again.steps == ()
    assert again.refusals == compared.refusals

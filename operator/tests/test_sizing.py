"""From what the platform must carry to pods and partitions."""

import itertools
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs_example import spec_of

from parley.contract import MAXIMUM_PARTITIONS, ROLES
from parley_operator.desired.sizing import (
    CONNECTIONS_PER_GATEWAY,
    CONSUMERS,
    bounds,
    for_capacity,
    partitions,
    sizing,
    target_connections,
    wanted_replicas,
)
from parley_operator.model.chat_cluster import Capacity, Size
from parley_operator.model.component import Component

SIZES: Final = get_args(Size)
connections: Final = st.integers(1, 200_000_000)
messages: Final = st.integers(1, 10_000_000)


@given(low=st.tuples(connections, messages), high=st.tuples(connections, messages))
def test_more_load_never_gives_fewer_pods_or_partitions(low: tuple[int, int], high: tuple[int, int]) -> None:
    small, large = (
        for_capacity("x", Capacity(peak_connections=most(low[0], high[0]), messages_per_second=most(low[1], high[1])))
        for most in (min, max)
    )
    assert small.partitions <= large.partitions
    assert all(small.replicas[role] <= large.replicas[role] for role in ROLES)


@given(peak=connections, rate=messages)
def test_a_capacity_gives_every_consumer_partitions_within_the_contract(peak: int, rate: int) -> None:
    found = for_capacity("x", Capacity(peak_connections=peak, messages_per_second=rate))
    assert 12 <= found.partitions <= MAXIMUM_PARTITIONS
    assert found.partitions & (found.partitions - 1) == 0, "a power of two"
    assert all(2 <= found.replicas[role] <= found.partitions for role in CONSUMERS)
    assert set(found.replicas) == set(ROLES)
    assert min(found.replicas.values()) >= 2, "one pod may always be away"


@given(peak=connections, rate=messages)
def test_without_one_gateway_the_others_carry_everybody(peak: int, rate: int) -> None:
    gateways = for_capacity("x", Capacity(peak_connections=peak, messages_per_second=rate)).replicas["gateway"]
    assert (gateways - 1) * CONNECTIONS_PER_GATEWAY >= peak


def test_a_larger_size_never_has_fewer_pods_or_partitions() -> None:
    found = [sizing(spec_of(size=size)) for size in SIZES]
    for small, large in itertools.pairwise(found):
        assert small.partitions <= large.partitions
        assert all(small.replicas[role] <= large.replicas[role] for role in ROLES)
    assert [each.size for each in found] == list(SIZES)


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_all_components_and_partitions_within_the_contract(size: str) -> None:
    found = sizing(spec_of(size=size))
    assert set(found.replicas) == set(ROLES)
    assert found.partitions <= MAXIMUM_PARTITIONS
    assert all(found.replicas[role] <= found.partitions for role in CONSUMERS)
    assert found.copies == (1 if size == "development" else 3)


def test_the_largest_sizes_are_what_the_figures_give() -> None:
    large, xlarge = sizing(spec_of(size="large")), sizing(spec_of(size="xlarge"))
    assert (large.partitions, xlarge.partitions) == (128, 1024)
    names = ("gateway", "chat", "sequencer", "fanout", "receipts", "presence")
    assert [large.replicas[name] for name in names] == [51, 25, 10, 5, 10, 5]
    assert [xlarge.replicas[name] for name in names] == [501, 200, 80, 40, 80, 50]


def test_without_a_word_it_is_small_and_a_capacity_stands_for_itself() -> None:
    assert sizing(spec_of()) == sizing(spec_of(size="small"))
    capacity = {"peakConnections": 100_000, "messagesPerSecond": 5_000}
    asked, medium = sizing(spec_of(capacity=capacity)), sizing(spec_of(size="medium"))
    assert asked.replicas == medium.replicas
    assert (asked.size, medium.size) == ("capacity", "medium")
    assert medium.replicas == {"gateway": 6, "chat": 3, "sequencer": 2, "fanout": 2, "receipts": 2, "presence": 2}


@given(count=st.integers(1, MAXIMUM_PARTITIONS), size=st.sampled_from(SIZES))
def test_consumers_are_never_more_than_the_partitions_that_somebody_chose(count: int, size: str) -> None:
    spec = spec_of(size=size, kafka={"bootstrapServers": ["kafka:9092"], "topics": {"partitions": count}})
    assert partitions(spec) == count
    assert all(1 <= wanted_replicas(spec, role) <= count for role in CONSUMERS)


def scaled(role: str, **autoscaling: Any) -> tuple[int, int]:
    topics = {"bootstrapServers": ["kafka:9092"], "topics": {"partitions": 8}}
    return bounds(spec_of(kafka=topics, components={role: {"replicas": 3, "autoscaling": autoscaling}}), role)


@given(
    role=st.sampled_from(ROLES),
    mode=st.sampled_from(("none", "operator", "hpa", "keda")),
    least=st.one_of(st.none(), st.integers(0, 20)),
    most=st.one_of(st.none(), st.integers(1, 40)),
)
def test_bounds_are_in_order_and_within_the_partitions(
    role: str, mode: str, least: int | None, most: int | None
) -> None:
    fewest, largest = scaled(role, mode=mode, minReplicas=least, maxReplicas=most)
    assert 1 <= fewest <= largest
    if mode != "none" and role in CONSUMERS:
        assert largest <= 8


def test_bounds_are_what_was_asked_for() -> None:
    assert scaled("chat", mode="none", minReplicas=1, maxReplicas=9) == (3, 3)
    assert scaled("chat", mode="hpa", minReplicas=1, maxReplicas=9) == (1, 9)
    assert scaled("chat", mode="hpa", maxReplicas=9) == (3, 9)
    assert scaled("fanout", mode="hpa", minReplicas=9, maxReplicas=30) == (8, 8)
    assert bounds(spec_of(), "chat") == (2, 2)


def test_what_is_said_of_a_component_wins() -> None:
    assert wanted_replicas(spec_of(components={"chat": {"replicas": 7}}), "chat") == 7
    assert wanted_replicas(spec_of(components={"chat": {"replicas": 0}}, paused=True), "chat") == 0
    assert target_connections(Component()) == CONNECTIONS_PER_GATEWAY
    asked = {"autoscaling": {"mode": "operator", "targetConnections": 5}}
    assert target_connections(spec_of(components={"gateway": asked}).component("gateway")) == 5

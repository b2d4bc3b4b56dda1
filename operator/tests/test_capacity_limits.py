"""Where one ChatCluster ends: every limit is respected, in the order of being reached, and cells lift what they can."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_capacity import RANGES, ROOT

from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import capacity_limits as limits
from parley_operator.desired.capacity import Load
from parley_operator.desired.capacity_extent import extent, gateway_seconds
from parley_operator.desired.capacity_limits import LIMITS, cell, cells, reached, scaled, state_of
from parley_operator.model.chat_cluster import Capacity
from parley_operator.model.component import Component

WHOLE = Load(100_000_000, 700_000, text_bytes=50, average_percent=33, retention_days=1_825)
loads = st.builds(Load, st.integers(1, 200_000_000), st.integers(1, 10_000_000), st.integers(2, 500))


@given(load=loads, name=st.sampled_from(sorted(RANGES)), more=st.integers(1, 10**7))
def test_more_of_anything_never_amounts_to_less(load: Load, name: str, more: int) -> None:
    larger = dataclasses.replace(load, **{name: min(RANGES[name][1], getattr(load, name) + more)})
    before, after = dataclasses.asdict(extent(load)), dataclasses.asdict(extent(larger))
    assert all(before[part] <= after[part] for part in before)


@settings(max_examples=40)
@given(load=loads)
def test_what_fits_is_within_the_limit_and_a_little_more_is_not(load: Load) -> None:
    for each in reached(load):
        if each.fits:
            assert each.limit.used(state_of(each.load(load))) <= each.limit.most
        if not each.within:
            assert each.limit.used(state_of(scaled(load, each.fits + 1))) > each.limit.most


@settings(max_examples=40)
@given(load=loads)
def test_so_many_cells_are_within_every_limit_and_one_fewer_is_not(load: Load) -> None:
    def passed(count: int) -> bool:
        return any(limit.used(state_of(cell(load, count))) > limit.most for limit in LIMITS if limit.splits)

    count = cells(load)
    assert not passed(count)
    assert count == 1 or passed(count - 1)


def test_limits_are_told_in_the_order_in_which_a_growing_load_reaches_them() -> None:
    found = reached(WHOLE)
    assert [each.fits for each in found] == sorted(each.fits for each in found)
    assert {each.limit.name for each in found} == {limit.name for limit in LIMITS}
    assert all(limit.then and limit.remedy and limit.source and limit.most > 0 for limit in LIMITS)


def test_lifting_a_limit_by_other_means_never_needs_more_cells() -> None:
    names = [each.limit.name for each in reached(WHOLE)]
    counts = [cells(WHOLE, names[:lifted]) for lifted in range(len(names) + 1)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] == 1


@pytest.mark.parametrize("name", ["peak_connections", "messages_per_second"])
def test_a_load_is_scaled_no_further_than_a_chatcluster_can_be_asked_for(name: str) -> None:
    (most,) = [part.le for part in Capacity.model_fields[name].metadata if hasattr(part, "le")]
    assert (
        most
        == {
            "peak_connections": limits.LARGEST_CONNECTIONS,
            "messages_per_second": limits.LARGEST_MESSAGES,
        }[name]
    )


def test_gateways_are_limited_as_the_definition_limits_them() -> None:
    replicas = Component.model_json_schema()["properties"]["replicas"]
    (most,) = [part["maximum"] for part in replicas.get("anyOf", [replicas]) if "maximum" in part]
    assert most == extents.GATEWAY_REPLICAS.value


def test_the_page_of_the_documentation_shows_the_figures_of_the_formulas() -> None:
    page = (ROOT / "docs" / "sizing.md").read_text()
    formulas = page.partition("The command tells more")[2].partition("## How sure")[0]
    shown = (extents.REDIS_MICROSECONDS, extents.FRAME_BYTES, extents.ACK_BYTES, extents.BEACON_COMMANDS)
    assert all(f"{figure.value:,}" in formulas for figure in shown)


def test_a_gateway_is_replaced_no_quicker_than_its_clients_leave() -> None:
    assert gateway_seconds() > 20_000 / extents.DRAIN_PER_SECOND.value

"""From a load to pods, nodes, brokers, store and Redis: never less for more, and never other than the operator."""

import dataclasses
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs_example import spec_of
from pydantic.alias_generators import to_camel

from parley.contract import TOPICS
from parley_operator.cli.sizing.sizing_shown import constants_document, needs_document
from parley_operator.desired.capacity import Load, Needs, needs
from parley_operator.desired.capacity_figures import FIGURES
from parley_operator.desired.sizing import CONSUMERS, for_capacity, sizing
from parley_operator.model.chat_cluster import Capacity, Size

ROOT: Final = Path(__file__).parents[2]
SCRIPTS: Final = ROOT / "docs" / "javascripts"
RANGES: Final = {
    "peak_connections": (1, 200_000_000),
    "messages_per_second": (1, 10_000_000),
    "members": (2, 500),
    "text_bytes": (1, 524_288),
    "average_percent": (1, 100),
    "retention_days": (1, 36_500),
    "replication": (1, 7),
}
loads: Final = st.builds(Load, **{name: st.integers(*bounds) for name, bounds in RANGES.items()})
PRESETS: Final = {"medium": (100_000, 5_000), "large": (1_000_000, 50_000), "xlarge": (10_000_000, 400_000)}


def numbers(found: Needs) -> dict[str, int]:
    return {
        **{f"pods of {role}": count for role, count in found.pods.items()},
        **{
            field.name: getattr(found, field.name)
            for field in dataclasses.fields(found)
            if field.name not in {"pods", "beyond"}
        },
    }


@given(load=loads, name=st.sampled_from(sorted(RANGES)), more=st.integers(1, 10**7))
def test_more_of_anything_never_needs_less_of_anything(load: Load, name: str, more: int) -> None:
    larger = dataclasses.replace(load, **{name: min(RANGES[name][1], getattr(load, name) + more)})
    before, after = numbers(needs(load)), numbers(needs(larger))
    assert all(before[part] <= after[part] for part in before)


@given(peak=st.integers(1, 200_000_000), rate=st.integers(1, 10_000_000))
def test_for_messages_between_two_people_it_is_what_the_operator_makes_of_the_capacity(peak: int, rate: int) -> None:
    found = needs(Load(peak, rate))
    made = for_capacity("capacity", Capacity(peak_connections=peak, messages_per_second=rate))
    assert found.partitions == made.partitions
    assert {role: found.pods[role] for role in made.replicas if role != "gateway"} == {
        role: count for role, count in made.replicas.items() if role != "gateway"
    }
    assert found.pods["gateway"] >= made.replicas["gateway"]


@pytest.mark.parametrize("size", PRESETS)
def test_the_load_of_a_preset_needs_exactly_the_preset(size: str) -> None:
    preset = sizing(spec_of(size=size))
    found = needs(Load(*PRESETS[size]))
    assert dict(found.pods) == dict(preset.replicas)
    assert found.partitions == preset.partitions
    assert (preset.cpu, preset.memory) == ("1", "1Gi"), "podCores is what the operator asks for"


@given(load=loads)
def test_consumers_never_outnumber_partitions_and_what_that_leaves_undone_is_said(load: Load) -> None:
    found = needs(load)
    assert all(found.pods[role] <= found.partitions for role in CONSUMERS)
    if load.deliveries > found.partitions * 10_000:
        assert "fanout" in found.beyond
    assert found.brokers >= load.replication
    assert found.store_nodes >= load.replication


def test_every_copy_and_every_day_is_paid_for() -> None:
    one = needs(Load(1_000, 100, replication=1, retention_days=100))
    three = needs(Load(1_000, 100, replication=3, retention_days=100))
    assert three.store_bytes == 3 * one.store_bytes
    assert three.log_bytes == 3 * one.log_bytes
    assert needs(Load(1_000, 100, retention_days=200)).store_bytes > three.store_bytes


def test_every_figure_is_a_positive_number_with_a_unit_and_a_source() -> None:
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
    assert all(figure.value > 0 and figure.unit and figure.source for figure in FIGURES)
    ordered = next(figure for figure in FIGURES if figure.name == "orderedTopics")
    assert ordered.value == sum(topic.partitions > 1 for topic in TOPICS)


def test_the_calculators_figures_are_the_operators() -> None:
    committed = json.loads((SCRIPTS / "sizing-constants.json").read_text())
    assert committed == constants_document(), "run `make docs`"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_calculator_of_the_documentation_gives_the_same_to_the_last_byte() -> None:
    cases = [Load(*PRESETS[size]) for size in PRESETS]
    cases += [
        Load(1, 1),
        Load(20_001, 2_001, 50, 333, 33, 3_650, 5),
        Load(200_000_000, 10_000_000, 500, 524_288, 100, 36_500, 7),
    ]
    assert calculated(cases) == [needs_document(needs(case)) for case in cases]


def calculated(cases: list[Load]) -> Any:
    program = (
        "const {needs} = require('./sizing.js'); const figures = require('./sizing-constants.json');"
        "const loads = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "const plain = (_, value) => typeof value === 'bigint' ? value.toString() : value;"
        "console.log(JSON.stringify(loads.map((load) => needs(figures, load)), plain));"
    )
    done = subprocess.run(
        ["node", "-e", program],
        input=json.dumps(
            [{to_camel(name): value for name, value in dataclasses.asdict(case).items()} for case in cases]
        ),
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [whole(each) for each in json.loads(done.stdout)]


def whole(part: Any) -> Any:
    """Whole numbers that travelled as text, since JavaScript's own end at 2^53."""
    if isinstance(part, dict):
        return {name: whole(value) for name, value in part.items()}
    if isinstance(part, list):
        return part
    return int(part)


def test_the_page_of_the_documentation_shows_the_presets_and_the_figures_as_they_are() -> None:
    page = (ROOT / "docs" / "sizing.md").read_text()
    for size in get_args(Size):
        preset = sizing(spec_of(size=size))
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{size}` |")]
        shown = [cell.strip() for cell in row.strip("|").split("|")][3:]
        roles = ("gateway", "chat", "sequencer", "fanout", "receipts", "presence")
        wanted = [*(preset.replicas[role] for role in roles), preset.partitions, preset.copies]
        assert shown == [f"{number:,}" for number in wanted]
    formulas = page.partition("## The arithmetic")[2].partition("## How sure")[0]
    for figure in FIGURES:
        if figure.name.startswith(("connectionsPer", "deliveriesPer", "messagesPer", "receiptsPer")) or (
            figure.name.endswith(("Microseconds", "streamItems", "Bytes")) and figure.value < 2**20
        ):
            assert f"{figure.value:,}" in formulas, figure.name

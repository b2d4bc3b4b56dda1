"""`parley-operator size`: what people and programs get, and what they are told when a number is missing or wrong."""

import json
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from inputs_example import spec_of

from parley_operator.cli.main import main
from parley_operator.cli.sizing.sizing_shown import size_of
from parley_operator.desired.capacity_extent_figures import EXTENT_FIGURES
from parley_operator.desired.capacity_figures import FIGURES
from parley_operator.desired.capacity_limits import LIMITS
from parley_operator.desired.sizing import partitions, wanted_replicas

LOAD = ("--peak-connections", "100000", "--messages-per-second", "5000")


def size(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("size", *arguments))


def spec_shown(output: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(output.partition("In the ChatCluster:")[2])["spec"]
    return found


def test_the_command_explains_itself_with_an_example() -> None:
    done = size("--help")
    assert done.exit_code == 0
    assert "Example: parley-operator size" in done.stdout


@pytest.mark.parametrize("members", ["2", "40", "500"])
def test_the_spec_that_it_shows_makes_the_operator_run_the_pods_that_it_shows(members: str) -> None:
    shown = spec_shown(size(*LOAD, "--members", members).stdout)
    needed = json.loads(size(*LOAD, "--members", members, "--output", "json").stdout)
    spec = spec_of(**shown)
    assert {role: wanted_replicas(spec, role) for role in needed["pods"]} == needed["pods"]
    assert partitions(spec) == needed["partitions"]


def test_the_table_has_a_reason_for_every_part() -> None:
    lines = size(*LOAD).stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("PART"))
    rows = lines[start + 1 : lines.index("", start)]
    names = [row.split()[0] for row in rows]
    assert names == [
        *("gateway", "chat", "sequencer", "fanout", "receipts", "presence"),
        *("topics", "nodes", "Kafka", "store", "Redis", "shards", "network", "cells"),
    ]
    column = lines[start].index("BECAUSE")
    assert all(row[column:].strip() for row in rows)


def test_what_one_log_cannot_carry_is_said_with_the_way_out() -> None:
    output = size("--peak-connections", "1", "--messages-per-second", "1000000").stdout
    assert "! a log has 1,024 partitions at most" in output
    assert "use several ChatClusters" in output
    assert "!" not in size(*LOAD).stdout


def test_a_missing_load_and_a_wrong_number_are_named_with_what_is_allowed() -> None:
    missing = size("--peak-connections", "5")
    assert missing.exit_code == 2
    assert "--messages-per-second" in missing.stderr
    wrong = size(*LOAD, "--members", "1")
    assert wrong.exit_code == 2
    assert "--members" in wrong.stderr
    assert "2<=x<=500" in wrong.stderr


def test_every_figure_is_shown_with_its_source_and_as_a_document() -> None:
    text = size("--figures").stdout
    assert all(figure.name in text and figure.source in text for figure in (*FIGURES, *EXTENT_FIGURES))
    document = json.loads(size("--figures", "--output", "json").stdout)
    assert document == {figure.name: figure.value for figure in FIGURES}


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (2**40, "1 TiB"), (2**61, "2,048 PiB")]
)
def test_bytes_are_shown_as_people_read_them(count: int, shown: str) -> None:
    assert size_of(count) == shown


def test_the_limits_are_shown_in_their_order_with_what_lifts_those_that_are_passed() -> None:
    load = ("--peak-connections", "100000000", "--messages-per-second", "700000")
    text = size(*load, "--limits").stdout
    assert all(limit.name in text and limit.source in text for limit in LIMITS)
    assert all(f"what lifts it: {limit.remedy}" in text for limit in LIMITS if f"! {limit.name}:" in text)
    assert "! presence:" in text
    found = json.loads(size(*load, "--limits", "--output", "json").stdout)
    fits = [each["fitsConnections"] for each in found["limits"] if each["fitsConnections"] is not None]
    assert fits == sorted(fits)
    assert found["cells"] == json.loads(size(*load, "--output", "json").stdout)["cells"] > 1
    assert "!" not in size(*LOAD, "--limits").stdout

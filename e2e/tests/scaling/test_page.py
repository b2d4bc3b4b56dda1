"""The page is what the model, the committed results and the committed measurements give."""

import json
import re

from e2e.scaling import page, page_runs, plots, simulated
from e2e.scaling.loads import WHOLE
from e2e.scaling.measurements import CHECKED, SIMULATED, Measurements
from e2e.scaling.tables import bytes_of, duration, prose, table
from parley_operator.cli.sizing.limits_shown import limits_document
from parley_operator.cli.sizing.sizing_shown import document


def test_the_page_is_made_from_what_is_committed() -> None:
    assert page.PAGE.read_text() == page.page(), "run `make scaling`"


def test_the_simulations_are_those_of_the_committed_measurements() -> None:
    assert simulated.up_to_date(), "the costs have changed since: run `make scaling`"


def test_the_page_and_the_command_say_the_same() -> None:
    shown = page.PAGE.read_text()
    found, limits = document(WHOLE), limits_document(WHOLE)
    for count in (*found["pods"].values(), found["brokers"], found["storeNodes"], found["redisShards"], found["cells"]):
        assert re.search(rf"\| {count:,} (\||$)", shown, re.MULTILINE), count
    for limit in limits["limits"]:
        assert f"{limit['used']:,} of {limit['most']:,} {limit['unit']}" in shown


def test_every_kind_of_number_is_named_and_the_plots_are_there() -> None:
    shown = page.PAGE.read_text()
    assert all(f"**{kind}**" in shown for kind in ("measured", "derived", "simulated", "assumed"))
    for path in (plots.STORMS, plots.GROUPS):
        assert f"(measurements/{path.name})" in shown
        assert path.stat().st_size < 100_000


def test_the_comparison_states_its_error() -> None:
    checked = json.loads(CHECKED.read_text())
    kept = json.loads(SIMULATED.read_text())
    shown = page_runs.checked(checked, kept)
    for each, ours in zip(checked["storms"]["seen"], kept["checked"]["storms"], strict=True):
        error = ours["all"] / each["real"]["all"] - 1
        assert f"{error:+.0%}" in shown


def test_the_kept_results_hold_everything_that_the_page_shows() -> None:
    kept = json.loads(SIMULATED.read_text())
    assert {"storms", "roomy", "drain", "groups", "zones", "inputs"} <= kept.keys()
    assert all(each["back"]["1.0"] is None or each["share_back"] == 1 for each in kept["storms"])
    assert Measurements.read().of("group", "members").value > Measurements.read().of("small group", "members").value


def test_tables_and_units_read_as_people_expect() -> None:
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    assert [bytes_of(count) for count in (5, 1_500, 2e14)] == ["5 B", "1.5 KB", "200 TB"]
    assert [duration(seconds) for seconds in (90, 180, 7_200, 600_120)] == ["90 s", "3.0 min", "2.0 h", "6.9 days"]
    filled = prose("word " * 60 + "\n| a |\n\n# head")
    assert filled.splitlines()[-1] == "# head"
    assert all(len(line) <= 120 for line in filled.splitlines())

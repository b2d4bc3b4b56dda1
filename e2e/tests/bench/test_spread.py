"""How far numbers repeat is stated from a run's own rounds; page and comparison go by the same, in either order."""

import math
from argparse import Namespace
from pathlib import Path

import pytest

from e2e.bench.__main__ import compare
from e2e.bench.contract import Facts
from e2e.bench.generator.latencies import Latencies
from e2e.bench.results.compare import differences, table_of_those_apart, verdict
from e2e.bench.results.interval import Interval
from e2e.bench.results.kinds import Kind, kind_of, percentile_of
from e2e.bench.results.page import page_of
from e2e.bench.results.record import Record, Row
from e2e.bench.results.spread import Spread, Spreads, rounded_up
from e2e.bench.results.spread import stated as spread_of

PARLEY, OTHER = "Parley on SQLite", "Prosody"
RATE, COST = "rate", "server CPU per message"


def run(*rounds: float, metric: str = RATE, unit: str = "/s", workload: str = "W2 4 each", by: str = PARLEY) -> Record:
    facts = Facts("1.0", "an engine", "synced", "nothing")
    about = {"rounds": str(len(rounds)), "machine": "2 cores", "system": "Linux", "python": "3", "date": "2026-01-01"}
    rows = [Row(number, workload, by, metric, value, unit) for number, value in enumerate(rounds, 1)]
    return Record(about, {PARLEY: facts, OTHER: facts}, rows)


def both(one: Record, other: Record) -> Record:
    return Record(one.environment, one.products, [*one.rows, *other.rows], [], one.histograms | other.histograms)


def times(*milliseconds: float) -> Latencies:
    held = Latencies()
    for each in milliseconds:
        held.record(each / 1e3)
    return held


def stated(record: Record, metric: str = RATE, workload: str = "W2 4 each", by: str = PARLEY) -> str:
    return str(Spreads(record).of((workload, by, metric)))


def test_a_number_repeats_as_the_rounds_of_its_kind_do() -> None:
    noisy = both(run(100, 180), run(1_000, 1_000, by=OTHER))
    assert (stated(noisy), stated(noisy, by=OTHER)) == ("7.2x", "4.7x")
    other_kind = both(run(100, 180), run(50, 50, metric=COST, unit="us"))
    assert stated(other_kind, COST) == "1.3x"


def test_more_rounds_state_less() -> None:
    of_kind = [0.01, 0.01]
    two, three = (spread_of(Kind.RATE, of_kind, 0.01, rounds) for rounds in (2, 3))
    assert two == pytest.approx(math.exp(0.6))
    assert three < two
    assert spread_of(Kind.RATE, of_kind, None, 1) > two


def test_rounds_that_happen_to_be_alike_still_state_the_least() -> None:
    assert stated(run(100, 100)) == "1.3x"


def test_what_may_be_nothing_repeats_by_a_difference() -> None:
    reads = run(0, 2.5, metric="store reads per 100 resumes", unit="", workload="W5 500")
    assert stated(reads, "store reads per 100 resumes", "W5 500") == "±11"


@pytest.mark.parametrize("rounds", [(100.0,), (0.0, 100.0)])
def test_nothing_is_stated_of_one_round_or_of_a_number_without_a_factor(rounds: tuple[float, ...]) -> None:
    assert stated(run(*rounds)) == "None"


def test_nothing_is_stated_of_what_the_page_does_not_show() -> None:
    assert stated(run(1, 2, metric="generator late", unit="ms"), "generator late") == "None"


def test_a_p99_of_few_messages_is_another_kind_than_one_of_many() -> None:
    few, many = (Interval.of(times(*range(1, count + 1)), 99, count) for count in (700, 800))
    assert (few.few, many.few) == (True, False)
    assert few.high == pytest.approx(700, rel=0.001)
    assert kind_of("delivered p99", "ms", few=True) is Kind.FEW
    assert kind_of("delivered p99", "ms", few=False) is Kind.TAIL
    assert kind_of("delivered p50", "ms", few=False) is Kind.MIDDLE


def test_the_chance_of_a_percentile_shrinks_with_the_messages_and_not_with_their_deliveries() -> None:
    held = times(*(each % 100 + 1 for each in range(10_000)))
    assert Interval.of(held, 50, 10_000).factor < Interval.of(held, 50, 100).factor
    with pytest.raises(ValueError, match="nothing"):
        Interval.of(Latencies(), 50, 10)


def test_a_percentile_repeats_no_better_than_its_own_messages_allow() -> None:
    alike = run(50, 50, metric="delivered p50", unit="ms")
    alike.keep("W2 4 each", PARLEY, "delivered", times(*range(1, 101)))
    alike.rows += [Row(each, "W2 4 each", PARLEY, "messages", 50, "") for each in (1, 2)]
    assert stated(alike, "delivered p50") == "1.4x"


def test_only_percentiles_are_percentiles() -> None:
    assert percentile_of("page of 50 p99.9") == ("page", 99.9)
    assert percentile_of("to the last member p50") == ("to the last member", 50.0)
    assert percentile_of("server CPU per message") is percentile_of("others' p99, times that of the calm") is None


@pytest.mark.parametrize(("most", "up"), [(1.3, 1.3), (1.301, 1.4), (9.91, 10.0), (12.1, 13.0), (140.0, 140.0)])
def test_what_is_shown_is_what_is_judged_by(most: float, up: float) -> None:
    assert rounded_up(most) == up
    assert float(str(Spread(Kind.RATE, rounded_up(most))).removesuffix("x")) == up


def test_two_runs_agree_within_the_larger_of_what_they_state_in_either_order() -> None:
    calm, near, far, noisy = run(1_000, 1_000), run(1_290, 1_290), run(1_310, 1_310), run(1_000, 1_700)
    assert [[each.agrees for each in differences(calm, other)] for other in (near, far, noisy)] == [
        [True],
        [False],
        [True],
    ]
    assert [each.agrees for each in differences(far, calm)] == [False]


def test_a_comparison_shows_what_is_apart_and_says_how_many_are_not() -> None:
    found = differences(both(run(1_000, 1_000), run(5, 5, by=OTHER)), both(run(1_600, 1_600), run(5, 5, by=OTHER)))
    assert verdict(found) == "1 of 2 numbers agree"
    (line,) = table_of_those_apart(found).splitlines()[2:]
    assert line == f"| {PARLEY} | W2 4 each | rate | 1,000 | 1,600 | 1.60 | 1.3x | rate |"
    assert table_of_those_apart(found[1:]) == ""
    assert "nothing to compare" in verdict(differences(run(1), run(1)))


def test_the_page_states_what_the_comparison_judges_by() -> None:
    one, far = run(1_100, 1_100), run(1_600, 1_600)
    page = page_of(one, far, [])
    assert f"| W2 4 each | {PARLEY} | 1,100 (1.3x) |" in page
    assert "| rate | 1 | 1.3x | 1.3x |" in page
    assert f"| {PARLEY} | W2 4 each | rate | 1,100 | 1,600 | 1.45 | 1.3x | rate |" in page


def test_a_target_says_when_another_run_may_come_out_otherwise() -> None:
    metric = "largest rate with p99 <= 300 ms"
    near, sure = (page_of(run(rate, rate, metric=metric, workload="W2"), None, []) for rate in (6_000, 9_000))
    assert "| >= 5,000 /s | 6,000 /s (1.3x) | met, within its spread | - |" in near
    assert "| >= 5,000 /s | 9,000 /s (1.3x) | met | - |" in sure


def test_the_command_fails_when_a_number_is_apart_or_none_can_be_compared(tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("calm", "far", "single")}
    for name, held in (("calm", run(10, 10)), ("far", run(20, 20)), ("single", run(10))):
        held.write(files[name])
    codes = [
        compare(Namespace(one=files[one], other=files[other]))
        for one, other in (("calm", "calm"), ("calm", "far"), ("single", "single"))
    ]
    assert codes == [0, 1, 1]

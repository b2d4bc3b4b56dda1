"""Result files keep everything, rounds become figures, and the page says what was met, missed or not measured."""

from pathlib import Path

import pytest

from e2e.bench.__main__ import MEASUREMENTS, PAGE
from e2e.bench.contract import Facts
from e2e.bench.generator.latencies import Latencies
from e2e.bench.results.page import page_of
from e2e.bench.results.plots import PLOTS, draw
from e2e.bench.results.record import Fault, Record, Row
from e2e.bench.results.summary import Figure, Summary
from e2e.bench.results.targets import AIMS

PARLEY, OTHER = "Parley on SQLite", "Prosody"


def record(*rows: Row) -> Record:
    facts = Facts("1.0", "an engine", "synced", "nothing")
    about = {"rounds": "2", "machine": "2 cores", "system": "Linux", "python": "3.11", "date": "2026-01-01"}
    return Record(about, {PARLEY: facts, OTHER: facts}, list(rows))


def rate(round_number: int, product: str, value: float) -> Row:
    return Row(round_number, "W2", product, "largest rate with p99 <= 300 ms", value, "/s")


def latencies(*seconds: float) -> Latencies:
    held = Latencies()
    for each in seconds:
        held.record(each)
    return held


def test_histograms_keep_three_digits_through_files_and_rounds(tmp_path: Path) -> None:
    written = record(rate(1, PARLEY, 5_000))
    written.faults.append(Fault(1, "W3", OTHER, "1 lost"))
    written.keep("W1 200/s", PARLEY, "delivered", latencies(0.001, 0.002))
    written.keep("W1 200/s", PARLEY, "delivered", latencies(0.1))
    written.write(tmp_path / "results.json")
    read = Record.read(tmp_path / "results.json")
    assert read == written
    held = Latencies(read.histograms[f"W1 200/s|{PARLEY}|delivered"])
    assert held.count == 3
    assert held.at(100) == pytest.approx(100, rel=0.001)


def test_nothing_is_no_number() -> None:
    assert str(Latencies().at(99)) == "nan"


@pytest.mark.parametrize(
    ("values", "shown"),
    [((5_000.0,), "5,000"), ((10.0, 12.0, 11.5), "11.5"), ((0.0123, 0.0123), "0.0123"), ((0.0, 0.0), "0")],
)
def test_a_figure_is_the_median(values: tuple[float, ...], shown: str) -> None:
    assert str(Figure(values, "")) == shown


def test_what_is_done_again_within_a_round_is_no_round_of_its_own() -> None:
    found = Summary(record(rate(1, PARLEY, 10), rate(1, PARLEY, 30), rate(2, PARLEY, 50)))
    figure = found.figure("W2", PARLEY, "largest rate with p99 <= 300 ms")
    assert figure is not None
    assert figure.values == (20, 50)


def test_a_peer_that_was_measured_with_fewer_people_is_not_shown_as_if_it_had_as_many() -> None:
    def idle(product: str, people: int, value: float) -> Row:
        return Row(1, f"W4 {people}", product, "memory of each in the front process", value, "KiB")

    few = [idle(PARLEY, 1_000, 10), idle(OTHER, 1_000, 30)]
    assert "| 10 KiB in W4 1000 | met | Prosody 30 |" in page_of(record(*few), None, [])
    many = page_of(record(*few, idle(PARLEY, 15_000, 12)), None, [])
    assert "| 12 KiB in W4 15000 | met | Prosody 30 in W4 1000 |" in many


def test_the_page_says_met_missed_and_not_measured() -> None:
    met = page_of(record(rate(1, PARLEY, 6_000), rate(1, OTHER, 2_000)), None, [])
    missed = page_of(record(rate(1, PARLEY, 600)), None, [])
    (line,) = [line for line in met.splitlines() if line.startswith("| W2: durable")]
    assert line == "| W2: durable messages a second, embedded | >= 5,000 /s | 6,000 /s | met | Prosody 2,000 |"
    assert "| 600 /s | missed | - |" in missed
    assert met.count("not measured") == len(AIMS) - 1


def test_a_missed_target_says_what_limits_it_and_what_a_message_cost_whom() -> None:
    engines = "Parley on Kafka and Cassandra"
    rows = [
        Row(1, "W1 200/s", engines, "delivered p99", 90, "ms"),
        Row(1, "W1 200/s", engines, "CPU of redis per message", 80, "us"),
        Row(1, "W1 200/s", engines, "CPU of cassandra per message", 2_000, "us"),
    ]
    page = page_of(record(*rows), None, [])
    assert "CPU of a message, us: cassandra 2,000, redis 80; together 2,080." in page


def test_whichever_target_is_missed_the_page_says_what_limits_it() -> None:
    rows = [
        Row(
            1,
            aim.workload.replace("*", "500"),
            aim.product,
            aim.metric,
            aim.limit / 9 if aim.more else aim.limit * 9,
            "",
        )
        for aim in AIMS
    ]
    page = page_of(record(*rows), None, [])
    assert page.count("| missed |") == len(AIMS)
    assert [aim.what for aim in AIMS if f"* **{aim.what}.** " not in page] == []


def test_the_page_names_what_does_not_count() -> None:
    held = record(rate(1, PARLEY, 6_000))
    held.faults.append(Fault(1, "W3", OTHER, "1 lost"))
    assert "* Prosody, W3: 1 lost" in page_of(held, None, [])


def test_the_same_numbers_give_the_same_plots(tmp_path: Path) -> None:
    held = record(rate(1, PARLEY, 6_000), rate(1, OTHER, 2_000))
    held.keep("W1 200/s", PARLEY, "delivered", latencies(0.001, 0.002))
    first, second = (draw(held, tmp_path / name) for name in ("one", "two"))
    assert [file.name for file in first] == ["latency.svg", "throughput.svg"]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_a_metric_is_looked_up_in_one_workload_only() -> None:
    summary = Summary(record(rate(1, PARLEY, 1)))
    assert summary.figure("W1", PARLEY, "largest rate with p99 <= 300 ms") is None


def test_the_page_of_the_documentation_is_made_from_the_committed_measurements() -> None:
    record, again = Record.read(MEASUREMENTS), MEASUREMENTS.with_name("bench-again.json")
    plots = [name for name in PLOTS if (PAGE.with_suffix("") / name).exists()]
    assert PAGE.read_text() == page_of(record, Record.read(again) if again.exists() else None, plots)

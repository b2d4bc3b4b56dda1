"""Whoever waits for a run is told what it does and how long it goes on; the reduced one is planned for ten."""

from e2e.bench.plan import SETUP, Plan, Step
from e2e.bench.products.choice import FEW, product_named
from e2e.bench.progress import Progress, clock_time
from e2e.bench.results.record import ADDED, TOOK, Record
from e2e.bench.workloads.choice import GROWTH, WORKLOADS
from e2e.bench.workloads.scale import FULL, REDUCED

_MOST_S = 9.5 * 60


def everybody(scale: object = REDUCED, *, growth: bool = False) -> Plan:
    return Plan(FULL if scale is FULL else REDUCED, [product_named(name) for name in FEW], growth=growth)


def test_the_reduced_benchmark_is_planned_for_less_than_ten_minutes() -> None:
    assert sum(step.seconds for step in everybody().steps()) <= _MOST_S


def test_a_plan_has_every_workload_that_a_product_can_do_in_every_round() -> None:
    steps = everybody().steps()
    assert {step.round for step in steps} == {1, 2}
    of_prosody = [step.what for step in steps if (step.round, step.product) == (2, "Prosody")]
    assert of_prosody == [SETUP, *(workload.name for workload in WORKLOADS)]
    assert "W7" not in [step.what for step in steps if step.product == "Centrifugo"]
    assert all(step.seconds > 0 for step in steps)


def test_growth_is_planned_once_and_only_of_products_that_have_what_it_needs() -> None:
    grown = [step for step in everybody(FULL, growth=True).steps() if step.what == GROWTH.name]
    assert {step.round for step in grown} == {1}
    assert "Centrifugo" not in {step.product for step in grown}
    assert "Prosody" in {step.product for step in grown}


def test_what_is_left_is_planned_first_then_judged_by_what_is_over_and_known_from_the_round_before() -> None:
    now, told = [0.0], list[str]()
    steps = [Step(number, "Prosody", what, 10) for number in (1, 2) for what in ("W1", "W2")]
    progress = Progress(steps, told.append, lambda: now[0])
    progress.begin(1, "Prosody", "W1")
    now[0] = 70
    progress.begin(1, "Prosody", "W2")
    now[0] = 80
    progress.begin(2, "Prosody", "W1")
    assert told == [
        "4 steps, about 0:40 minutes on two quiet cores",
        "1 of 4, about 0:40 left: W1 of Prosody, round 1 of 2",
        "2 of 4, about 1:47 left: W2 of Prosody, round 1 of 2",
        "3 of 4, about 1:20 left: W1 of Prosody, round 2 of 2",
    ]


def test_the_end_tells_the_total_and_what_took_longest_and_steps_left_out_do_not_matter() -> None:
    now, told = [0.0], list[str]()
    progress = Progress([Step(1, "Synapse", what, 10) for what in ("W1", "W2", "W3")], told.append, lambda: now[0])
    progress.begin(1, "Synapse", "W1")
    now[0] = 5
    progress.begin(1, "Synapse", "W3")
    now[0] = 65
    assert progress.end() == 65
    assert told[-1] == "done in 1:05 minutes, of which the longest steps are: W3 of Synapse 1:00, W1 of Synapse 0:05"


def test_what_is_added_to_a_run_has_a_time_of_its_own() -> None:
    record = Record()
    for seconds in (70.4, 30.2, 5.1):
        record.add_time(seconds)
    assert record.environment == {TOOK: "70", ADDED: "35"}


def test_a_slow_product_is_given_less_and_more_of_it_in_the_full_form() -> None:
    most = product_named("synapse").most
    assert REDUCED.given(REDUCED.history, most.history) < REDUCED.history
    assert REDUCED.given(REDUCED.history, None) == REDUCED.history
    assert FULL.given(FULL.members, most.members) > REDUCED.given(REDUCED.members, most.members)


def test_times_are_told_in_minutes_and_seconds() -> None:
    assert [clock_time(seconds) for seconds in (0, 59.6, 605)] == ["0:00", "1:00", "10:05"]

"""A rate that was too much, or gave no number that counts, keeps all workloads from trying a higher one."""

from dataclasses import replace
from typing import cast

import pytest
from typing_extensions import override

from e2e.bench.contract import Running
from e2e.bench.generator.crew import Crew
from e2e.bench.generator.verdict import Outcome
from e2e.bench.products.choice import product_named
from e2e.bench.results.record import KEPT_UP, Record, Row
from e2e.bench.workloads import paced
from e2e.bench.workloads.bench import Bench
from e2e.bench.workloads.people import people
from e2e.bench.workloads.scale import REDUCED


class Failing(Bench):
    """None of its phases gives a number that counts."""

    @override
    async def phase(self, workload: str, *_: object) -> Outcome | None:
        self.fault(workload, "1 lost")
        return None


async def test_after_a_rate_that_failed_no_higher_one_is_tried() -> None:
    nothing = cast("Running", None), cast("Crew", None)
    scale = replace(REDUCED, rates=(50, 200))
    bench = Failing(product_named("parley"), *nothing, people(0, 0, 1), scale, Record(), 1, lambda _: None)
    assert bench.rate(200) == 200
    await paced.run(bench)
    assert [fault.why for fault in bench.record.faults] == [
        "1 lost",
        "not tried, since a lower rate was too much already",
    ]
    assert bench.rate(200) == 10


@pytest.mark.parametrize(
    ("kept_up", "rate"),
    [({}, 200), ({1_000: True}, 200), ({50: True, 200: True}, 200), ({50: True, 200: False}, 50), ({1_000: False}, 10)],
)
def test_other_workloads_send_as_fast_as_is_wanted_unless_that_was_too_much(
    kept_up: dict[int, bool], rate: float
) -> None:
    rows = [Row(1, f"W1 {tried}/s", "Parley on SQLite", KEPT_UP, float(kept), "") for tried, kept in kept_up.items()]
    nothing = cast("Running", None), cast("Crew", None)
    record = Record(rows=rows)
    bench = Bench(product_named("parley"), *nothing, people(0, 0, 1), REDUCED, record, 1, lambda _: None)
    assert bench.rate(200) == rate

"""The whole benchmark on a small scale: every workload gives numbers that count, and a page."""

from pathlib import Path

import pytest
from typing_extensions import override

from e2e.bench.plan import Plan
from e2e.bench.products.parley import ParleyEmbedded, RunningParley
from e2e.bench.results.page import page_of
from e2e.bench.results.record import Record
from e2e.bench.results.summary import Summary
from e2e.bench.run import run
from e2e.bench.workloads.choice import WORKLOADS
from e2e.bench.workloads.scale import Scale

pytestmark = pytest.mark.slow
SMALL = Scale(
    rounds=1,
    warm_s=0.5,
    pace_s=0.5,
    rates=(50,),
    flood_s=0.5,
    under_way=(1, 2),
    group_s=0.5,
    turns=1,
    idle=(40,),
    idle_s=0.2,
    storm=30,
    history=100,
    page_s=0.5,
    pairs=4,
    members=12,
)


async def test_every_workload_gives_numbers_that_count(tmp_path: Path) -> None:
    record, told = Record(), list[str]()
    await run(Plan(SMALL, [ParleyEmbedded()]), record, told.append)
    assert record.faults == [], told
    measured = {row.workload.split()[0] for row in record.rows}
    assert measured >= {workload.name for workload in WORKLOADS}
    record.write(tmp_path / "results.json")
    page = page_of(Record.read(tmp_path / "results.json"), None, [])
    assert all(f"## {workload.name}: " in page for workload in WORKLOADS)
    assert "What does not count" not in page


async def test_a_product_that_does_not_start_is_named_and_the_others_go_on() -> None:
    class Broken(ParleyEmbedded):
        name = "Broken"

        @override
        def start(self, folder: Path) -> RunningParley:
            raise OSError(f"no room left in {folder.name[:6]}")

    record = Record()
    few = [workload for workload in WORKLOADS if workload.name == "W1"]
    await run(Plan(SMALL, [Broken(), ParleyEmbedded()], few), record, print)
    assert [(fault.product, fault.why) for fault in record.faults] == [("Broken", "OSError: no room left in parley")]
    assert Summary(record).figure("W1 50/s", ParleyEmbedded.name, "delivered p99") is not None

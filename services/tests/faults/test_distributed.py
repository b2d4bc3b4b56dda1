"""G1, G2, G3, G4 and G8 on the real servers, while every kind of process of the platform is harmed."""

import random
from pathlib import Path

import pytest

from tests.faults.distributed import run_campaign
from tests.faults.schedule import every_kind, kind_of, one_of_each_kind, schedule

SEED = 4
STEADY_S = 0.5
"""Each fault meets some messages; `make faults-real` sends five times as many, and harms each single process."""

pytestmark = pytest.mark.fault


def test_the_same_seed_gives_the_same_schedule_and_every_kind_comes() -> None:
    assert schedule(7, 90) == schedule(7, 90)
    assert schedule(7, 90) != schedule(8, 90)
    one_round = every_kind(random.Random(7))
    kinds = {(fault.harm, fault.target) for fault in one_round if "kafka" not in fault.target}
    assert kinds <= {(fault.harm, fault.target) for fault in schedule(7, len(one_round))}


def test_the_short_schedule_does_every_harm_once_to_every_kind_of_process() -> None:
    chosen = [(fault.harm, kind_of(fault.target)) for fault in one_of_each_kind(SEED)]
    assert len(chosen) == len(set(chosen))
    assert set(chosen) == {(fault.harm, kind_of(fault.target)) for fault in every_kind(random.Random(7))}
    assert one_of_each_kind(1) != one_of_each_kind(2)


@pytest.mark.slow
@pytest.mark.servers
async def test_g1_g2_g3_g4_g8_nothing_acknowledged_is_lost_whatever_dies(tmp_path: Path) -> None:
    faults = one_of_each_kind(SEED)
    result = await run_campaign(SEED, faults, tmp_path, STEADY_S)
    assert [harmed.fault for harmed in result.harmed] == faults
    assert result.report.violations == []
    assert result.report.counts["failed"] == 0
    assert result.report.counts["acknowledged"] > 500

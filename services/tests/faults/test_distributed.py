"""G1, G2, G3, G4 and G8 on the real servers, while every process of the platform is harmed."""

import random
from pathlib import Path

import pytest

from tests.faults.distributed import run_campaign
from tests.faults.schedule import every_kind, schedule

FAULTS = 28
STEADY_S = 0.3
"""Each fault meets some messages; `make faults-real` sends three times as many, and more faults."""

pytestmark = pytest.mark.fault


def test_the_same_seed_gives_the_same_schedule_and_every_kind_comes() -> None:
    assert schedule(7, 90) == schedule(7, 90)
    assert schedule(7, 90) != schedule(8, 90)
    kinds = {(fault.harm, fault.target) for fault in every_kind(random.Random(7)) if "kafka" not in fault.target}
    assert kinds <= {(fault.harm, fault.target) for fault in schedule(7, FAULTS)}


@pytest.mark.slow
@pytest.mark.servers
async def test_g1_g2_g3_g4_g8_nothing_acknowledged_is_lost_whatever_dies(tmp_path: Path) -> None:
    result = await run_campaign(seed=4, faults=FAULTS, folder=tmp_path, steady_s=STEADY_S)
    assert len(result.harmed) == FAULTS
    assert result.report.violations == []
    assert result.report.counts["failed"] == 0
    assert result.report.counts["acknowledged"] > 1_000

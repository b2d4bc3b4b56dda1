"""G1, G2, G3 and G4 while the process is killed in the middle of everything."""

from pathlib import Path

import pytest

from tests.faults.campaign import Plan, run_campaign

pytestmark = pytest.mark.fault


@pytest.mark.slow
async def test_g1_g2_g3_g4_nothing_acknowledged_is_lost_doubled_or_reordered_by_kills(tmp_path: Path) -> None:
    result = await run_campaign(Plan(messages=4_000, kills=6, seed=20), tmp_path)
    assert result.kills == 6
    assert result.report.counts["acknowledged"] == 4_000
    assert result.report.counts["failed"] == 0
    assert result.report.violations == []

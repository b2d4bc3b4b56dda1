"""Members of consumer groups on Kafka, however their owner goes."""

import asyncio
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from parley.adapters.addresses import kafka_access
from parley.adapters.kafka.event_log import KafkaEventLog
from parley.contract import INGRESS
from tests.engines import engines, fresh_settings
from tests.patience import STILL_S

pytestmark = pytest.mark.servers
SERVICES = Path(__file__).parents[2]


def test_members_that_nobody_closed_never_stop_their_process() -> None:
    command = [sys.executable, "-m", "tests.adapters.abandoning", engines().log_url, f"{uuid.uuid4().hex[:12]}."]
    ended = subprocess.run(command, cwd=SERVICES, capture_output=True, text=True, timeout=STILL_S, check=False)
    assert "collected" in ended.stdout, ended.stderr
    assert ended.returncode == 0, ended.stderr


async def test_a_log_that_is_closed_has_left_its_groups() -> None:
    async with fresh_settings() as settings, asyncio.timeout(STILL_S):
        log = KafkaEventLog(kafka_access(settings))
        member = log.consumer(INGRESS.name, "readers")
        while not (await member.poll(1, 0.1)).assigned:
            pass
        with capture_logs() as told:
            await log.close()
        assert [each["partitions"] for each in told if each["event"] == "partitions revoked"] == [[0, 1, 2, 3]]
        await member.close()

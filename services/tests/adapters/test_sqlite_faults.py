"""What the embedded log survives: kill -9, a full disk, a second process, a foreign file."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parley.adapters.sqlite.event_log import SqliteEventLog, open_log
from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.system_clock import SystemClock

TOPICS = {INGRESS.name: 2}
SERVICES = Path(__file__).resolve().parents[2]


async def stored_values(log: SqliteEventLog) -> list[str]:
    consumer = log.consumer(INGRESS.name, "check")
    values: list[str] = []
    while records := (await consumer.poll(10_000, 0.2)).records:
        values += [record.value.decode() for record in records]
    return values


@pytest.mark.parametrize("acknowledged_before_the_kill", [50, 700, 2500])
async def test_g1_every_acknowledged_append_survives_kill_9(tmp_path: Path, acknowledged_before_the_kill: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.appending", str(tmp_path / "data")],
        cwd=SERVICES,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(acknowledged_before_the_kill)]
    process.kill()
    acknowledged += [line.strip() for line in process.communicate()[0].splitlines() if line.endswith("\n") or line]
    log = await open_log(tmp_path / "data", SystemClock(), TOPICS)
    stored = await stored_values(log)
    await log.close()
    complete = [value for value in acknowledged[:-1] if value]
    assert set(complete) <= set(stored)
    assert len(stored) == len(set(stored))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root: the full-disk test is left out")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def fill(log: SqliteEventLog) -> tuple[int, ParleyError]:
    """Append until it is refused; tells how many were acknowledged before."""
    for acknowledged in range(10_000):
        try:
            await log.append(INGRESS.name, 0, [b"x" * 1000])
        except ParleyError as error:
            return acknowledged, error
    raise AssertionError("the disk never filled up")


async def test_g1_a_full_disk_refuses_appends_and_heals_when_there_is_room(small_disk: Path) -> None:
    log = await open_log(small_disk / "data", SystemClock(), TOPICS)
    try:
        acknowledged, refusal = await fill(log)
        assert refusal.code is ErrorCode.UNAVAILABLE
        assert "free" in refusal.message
        subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
        await log.check()
        await log.append(INGRESS.name, 0, [b"after"])
        values = await stored_values(log)
    finally:
        await log.close()
    assert len(values) == acknowledged + 1
    assert values[-1] == "after"


async def test_a_second_process_on_the_same_folder_is_refused_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.appending", str(folder)], cwd=SERVICES, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(ParleyError) as refused:
        await open_log(folder, SystemClock(), TOPICS)
    assert str(folder) in refused.value.message
    process.kill()
    process.communicate()
    log = await open_log(folder, SystemClock(), TOPICS)
    await log.close()


async def test_a_file_that_is_no_event_log_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "log.db").write_bytes(b"this is not a database, but it is long enough to look at" * 100)
    with pytest.raises(ParleyError) as refused:
        await open_log(folder, SystemClock(), TOPICS)
    assert "log.db" in refused.value.message


async def test_many_appends_at_once_all_get_their_own_place(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "data", SystemClock(), TOPICS)
    places = await asyncio.gather(*(log.append(INGRESS.name, 0, [f"{n}".encode()]) for n in range(2_000)))
    await log.close()
    assert sorted(place[0].position for place in places) == list(range(2_000))


async def test_another_partition_count_is_refused_where_it_is_insisted_on(tmp_path: Path) -> None:
    log = await open_log(tmp_path / "data", SystemClock(), TOPICS)
    await log.close()
    with pytest.raises(ParleyError, match="created with 2"):
        await open_log(tmp_path / "data", SystemClock(), {INGRESS.name: 5}, insist=True)
    log = await open_log(tmp_path / "data", SystemClock(), {INGRESS.name: 5})
    assert await log.partitions(INGRESS.name) == 2
    await log.close()

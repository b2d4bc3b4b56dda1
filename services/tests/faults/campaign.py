"""Kill the platform again and again while people chat, then let the checker judge.

`python -m tests.faults.campaign --kills 50 --messages 100000` from the folder services, or `make faults`.
"""

import argparse
import asyncio
import contextlib
import os
import platform as machine
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from e2e.checker.check import Report, check
from e2e.checker.history import write_history

from tests.faults.load import Crowd, History, Person
from tests.platform import Platform

PEOPLE = 8
WITHOUT_LIMITS = {
    "PARLEY_SENDS_PER_SECOND": "1000000",
    "PARLEY_SENDS_BURST": "1000000",
    "PARLEY_LOG_LEVEL": "warning",
}


@dataclass(frozen=True)
class Plan:
    """How much is sent, and how often the platform is killed meanwhile; the same seed gives the same schedule."""

    messages: int
    kills: int
    seed: int = 1


@dataclass(frozen=True)
class Result:
    """What the campaign saw."""

    plan: Plan
    report: Report
    history: History
    kills: int
    seconds: float


async def run_campaign(plan: Plan, folder: Path) -> Result:
    """Run it on a platform of its own; returns once everybody has seen everything."""
    chance = random.Random(plan.seed)
    running = Platform(folder / "data", WITHOUT_LIMITS).start()
    history = History()
    started = time.monotonic()

    async def token_of(user: str) -> str:
        return running.token(user)

    people = [Person(f"user{number}", running.url, token_of, history) for number in range(PEOPLE)]
    try:
        async with contextlib.AsyncExitStack() as stack:
            for person in people:
                await stack.enter_async_context(person.client)
            crowd = Crowd(people, history)
            listening = [asyncio.create_task(person.listen()) for person in people]
            await crowd.meet()
            kills = await _chat_and_kill(plan, running, crowd, chance)
            await crowd.settle()
            for person in people:
                await person.read_everything()
            for task in listening:
                task.cancel()
    finally:
        running.kill()
    return Result(plan, check(history.events), history, kills, time.monotonic() - started)


async def _chat_and_kill(plan: Plan, running: Platform, crowd: Crowd, chance: random.Random) -> int:
    """Kill at random points of the progress, so that the number of kills does not depend on the machine's speed."""
    each = plan.messages // len(crowd.people)
    chats = [asyncio.create_task(crowd.chat(person, each, random.Random(plan.seed))) for person in crowd.people]
    points = sorted(chance.uniform(0.02, 0.95) * plan.messages for _ in range(plan.kills))
    kills = 0
    for point in points:
        while crowd.history.acknowledged < point and not all(c.done() for c in chats):  # noqa: ASYNC110 - the chats make the progress
            await asyncio.sleep(0.002)
        await asyncio.to_thread(running.restart)
        kills += 1
    await asyncio.gather(*chats)
    return kills


def page_of(result: Result) -> str:
    """The report as a page of the documentation."""
    counts = result.report.counts
    found = "\n".join(f"* {violation.kind}: {violation.detail}" for violation in result.report.violations[:20])
    return (
        f"""# Fault report

Made by `make faults`: {PEOPLE} people chat in pairs and in a group through the Python SDK, while the one process of
`parley dev` is ended by `kill -9` at random moments and started again on the same folder. Afterwards everybody pages
through every conversation, and the history checker (`python -m e2e.checker`) compares what was acknowledged, received
and stored.

| what | count |
|---|---|
| kills and restarts | {result.kills} |
| messages handed to clients | {counts["sent"]:,} |
| acknowledged | {counts["acknowledged"]:,} |
| refused | {counts["failed"]:,} |
| received by applications | {counts["received"]:,} |
| read in histories afterwards | {counts["paged"]:,} |
| **acknowledged and lost, doubled, out of order, holes** | **{len(result.report.violations)}** |

Seed {result.plan.seed}, {result.seconds:.0f} s in all on {os.cpu_count()} cores, Python {machine.python_version()},
Parley {version("parley")}, SQLite event log and store with every acknowledgement on disk.
{found}
""".rstrip()
        + "\n"
    )


def main() -> int:
    """Run the campaign that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=120_000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="page to write")
    parser.add_argument("--history", type=Path, help="file to keep the history in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-faults-") as folder:
        result = asyncio.run(run_campaign(Plan(options.messages, options.kills, options.seed), Path(folder)))
    if options.history:
        write_history(options.history, result.history.events)
    if options.report:
        options.report.write_text(page_of(result))
    sys.stdout.write(f"{result.kills} kills: {result.report.summary()}\n")
    for violation in result.report.violations[:20]:
        sys.stdout.write(f"{violation.kind}: {violation.detail}\n")
    return 1 if result.report.violations else 0


if __name__ == "__main__":
    sys.exit(main())

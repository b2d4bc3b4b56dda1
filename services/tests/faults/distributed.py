"""Harm every process of a platform on real servers while people chat, then let the checker judge.

`python -m tests.faults.distributed --faults 60` from the folder services, or `make faults-real`.
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
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import redis.exceptions
from e2e.backends.backends import Backends
from e2e.backends.process import ServerProcess
from e2e.checker.check import Report, check
from e2e.checker.history import write_history
from e2e.platform.roles_platform import RolesPlatform

from parley.adapters.jwt.mint import mint_token
from parley.cli.front import serve_front
from tests.faults.engines_dump import dump_engines
from tests.faults.load import Crowd, History, Person
from tests.faults.probe import Probe
from tests.faults.schedule import Fault, Harm, schedule
from tests.patience import STILL_S

PEOPLE = 6
COUNTS = {"gateway": 2, "chat": 2, "sequencer": 2, "fanout": 2}
SETTINGS = {
    "PARLEY_SENDS_PER_SECOND": "1000000",
    "PARLEY_SENDS_BURST": "1000000",
    "PARLEY_LOG_LEVEL": "warning",
    "PARLEY_DRAIN_MS": "1000",
    "PARLEY_PARTITIONS": "8",
}
REST = 10
"""So many messages are acknowledged between a fault's end and the next one."""


@dataclass(frozen=True)
class Harmed:
    """A fault, and how long after its end a new message needed to arrive."""

    fault: Fault
    recovered_s: float


@dataclass
class Result:
    """What the campaign saw."""

    seed: int
    harmed: list[Harmed] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    history: History = field(default_factory=History)
    seconds: float = 0.0

    @property
    def slowest(self) -> Harmed:
        """The fault after which the first message took longest."""
        return max(self.harmed, key=lambda harmed: harmed.recovered_s)


class Installation:
    """Servers, roles and the one port before them."""

    def __init__(self, folder: Path) -> None:
        self.backends = Backends(folder / "servers", brokers=3)
        self.platform = RolesPlatform(folder / "roles", {**self.backends.environment(), **SETTINGS}, COUNTS)
        self.url = ""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything, and end it all the same."""
        try:
            await asyncio.to_thread(self.backends.up)
            await asyncio.to_thread(self.platform.prepare)
            await asyncio.to_thread(self.platform.start)
            front = await serve_front("127.0.0.1", 0, self.platform.socket_servers, self.platform.http_servers)
            async with front:
                self.url = f"http://127.0.0.1:{front.sockets[0].getsockname()[1]}"
                yield
        finally:
            for process in [*self.platform.processes.values(), *self.backends.processes]:
                await asyncio.to_thread(process.kill)

    async def token_of(self, user: str) -> str:
        """A token that outlives the campaign."""
        return mint_token(self.platform.secret, user, expires_at_s=int(time.time()) + 24 * 3600)

    async def harm(self, fault: Fault) -> None:
        """Do it, wait, and let the process come back."""
        if fault.harm is Harm.FLUSH:
            with contextlib.suppress(redis.exceptions.RedisError):
                await asyncio.to_thread(self.backends.redis.connect().flushall)
            return
        process = self._process(fault.target)
        if fault.harm is Harm.PAUSE:
            process.pause()
            await asyncio.sleep(fault.seconds)
            process.resume()
            return
        await asyncio.to_thread(process.kill if fault.harm is Harm.KILL else process.stop)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(process.start)

    def _process(self, name: str) -> ServerProcess:
        servers = {process.name: process for process in self.backends.processes}
        return (self.platform.processes | servers)[name]


async def run_campaign(seed: int, faults: Sequence[Fault], folder: Path, steady_s: float = 0.1) -> Result:
    """Do these faults, one after the other, on servers of its own; returns once everybody has seen everything.

    `seed` decides who writes what. Everybody writes a message each `steady_s` seconds, on average.
    """
    started, result = time.monotonic(), Result(seed)
    installation = Installation(folder)
    async with installation.running():
        people = [
            Person(f"user{number}", installation.url, installation.token_of, result.history) for number in range(PEOPLE)
        ]
        async with contextlib.AsyncExitStack() as stack:
            for person in people:
                await stack.enter_async_context(person.client)
            probe = await stack.enter_async_context(Probe(installation.url, installation.token_of))
            crowd = Crowd(people, result.history, steady_s=steady_s)
            listening = [asyncio.create_task(person.listen()) for person in people]
            await crowd.meet()
            await _chat_and_harm(installation, crowd, probe, result, faults)
            await crowd.settle()
            for person in people:
                await person.read_everything()
            for task in listening:
                task.cancel()
        for event in await dump_engines(installation.platform.environment, crowd.conversations):
            result.history.add(event)
    result.report = check(result.history.events)
    result.seconds = time.monotonic() - started
    return result


async def _chat_and_harm(
    installation: Installation, crowd: Crowd, probe: Probe, result: Result, faults: Sequence[Fault]
) -> None:
    """One fault after the other; the next one comes when a message that was sent after the last one has arrived."""
    over = asyncio.Event()
    chats = [
        asyncio.create_task(crowd.chat_until(over, person, random.Random(f"{result.seed}-{person.name}")))
        for person in crowd.people
    ]
    for fault in faults:
        await installation.harm(fault)
        recovered_s = await probe.arrives()
        result.harmed.append(Harmed(fault, recovered_s))
        sys.stdout.write(f"{len(result.harmed):3}  {fault}: a new message arrived after {recovered_s:.1f} s\n")
        sys.stdout.flush()
        await crowd.acknowledged(REST)
    for process in installation.platform.processes.values():
        await asyncio.to_thread(process.wait_ready, STILL_S)
    over.set()
    await asyncio.gather(*chats)


def page_of(result: Result) -> str:
    """The report as a page of the documentation."""
    counts = result.report.counts
    found = "\n".join(f"* {violation.kind}: {violation.detail}" for violation in result.report.violations[:20])
    rows = "\n".join(f"| {n} | {h.fault} | {h.recovered_s:.1f} |" for n, h in enumerate(result.harmed, 1))
    return f"""# Fault report of the real backends

Made by `make faults-real`: {PEOPLE} people chat in pairs and in a group through the Python SDK. Every role runs as
processes of its own (gateway, chat, sequencer and fanout twice) on three Kafka brokers, Cassandra and Redis. One fault
after the other is done to them; after each, a new message is sent and awaited. At the end everybody pages through every
conversation, the log and the store are read, and the history checker (`python -m e2e.checker`) compares all of it.

| what | count |
|---|---|
| faults | {len(result.harmed)} |
| acknowledged messages | {counts["acknowledged"]:,} |
| received by applications | {counts["received"]:,} |
| rows in the store | {counts["stored"]:,} |
| records in the log | {counts["logged"]:,} |
| **acknowledged and lost, doubled, out of order, holes** | **{len(result.report.violations)}** |
| slowest recovery | {result.slowest.recovered_s:.1f} s, after: {result.slowest.fault} |

Seed {result.seed}, {result.seconds:.0f} s in all on {os.cpu_count()} cores that servers, roles and clients share,
Python {machine.python_version()}, Parley {version("parley")}.
{found}

| # | fault | s until a new message arrived |
|---|---|---|
{rows}
"""


def main() -> int:
    """Run the campaign that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="page to write")
    parser.add_argument("--history", type=Path, help="file to keep the history in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-faults-") as folder:
        result = asyncio.run(run_campaign(options.seed, schedule(options.seed, options.faults), Path(folder)))
    if options.history:
        write_history(options.history, result.history.events)
    if options.report:
        options.report.write_text(page_of(result))
    sys.stdout.write(f"{len(result.harmed)} faults: {result.report.summary()}\n")
    for violation in result.report.violations[:20]:
        sys.stdout.write(f"{violation.kind}: {violation.detail}\n")
    return 1 if result.report.violations else 0


if __name__ == "__main__":
    sys.exit(main())

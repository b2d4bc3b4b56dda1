"""Run as a process of its own: appends to an event log for ever, and prints each value once it is durable."""

import asyncio
import sys
from pathlib import Path

from parley.adapters.sqlite.event_log import open_log
from parley.contract import INGRESS
from parley.runtime.system_clock import SystemClock


async def append_for_ever(folder: Path) -> None:
    """Sixteen writers at once, so that groups of appends share a transaction."""
    log = await open_log(folder, SystemClock(), {INGRESS.name: 2})

    async def write(writer: int) -> None:
        for number in range(1_000_000):
            value = f"{writer}-{number}"
            await log.append(INGRESS.name, writer % 2, [value.encode()])
            sys.stdout.write(value + "\n")
            sys.stdout.flush()

    await asyncio.gather(*(write(writer) for writer in range(16)))


if __name__ == "__main__":
    asyncio.run(append_for_ever(Path(sys.argv[1])))

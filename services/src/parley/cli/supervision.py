"""Roles in one process: started together, stopped in stages, ended together when one fails."""

import asyncio
import signal
from collections.abc import Sequence

import structlog

from parley.runtime.role import Role

_log = structlog.get_logger("parley.process")


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or Ctrl-C sets; a second one ends the process as usual."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask_to_stop(name: str) -> None:
        _log.info("stopping", signal=name)
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask_to_stop, number.name)
    return stop


async def run_in_stages(stages: Sequence[Sequence[Role]], stop: asyncio.Event) -> None:
    """Run all roles until `stop`, then stop stage after stage, the first one first.

    So the gateway drains while the roles it needs still work. A role that fails ends the others the same way, and
    its error is raised: a half-working process is worse than one that is started again.
    """
    events = [asyncio.Event() for _ in stages]
    tasks = [
        [asyncio.create_task(role.run(event), name=role.name) for role in stage]
        for stage, event in zip(stages, events, strict=True)
    ]
    everything = [task for stage in tasks for task in stage]
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([waiting, *everything], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        for stage, event in zip(tasks, events, strict=True):
            event.set()
            await asyncio.wait(stage)
    for task in everything:
        error = task.exception()
        if error is not None:
            _log.error("role failed", role=task.get_name(), error=repr(error))
            raise error

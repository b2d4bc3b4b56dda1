"""Work that goes on beside a role's own: it must not end unnoticed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def with_companions(
    stop: asyncio.Event,
    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
    *companions: Coroutine[Any, Any, None],
) -> None:
    """Do `work` until told to stop, and the companions beside it for as long as it takes to end.

    A companion that fails tells the work to stop, and its error is raised: a process that lacks one is worse than one
    that is started again.
    """
    ending = asyncio.Event()
    working, stopping = asyncio.create_task(work(ending)), asyncio.create_task(stop.wait())
    beside = [asyncio.create_task(companion) for companion in companions]
    unfinished: set[asyncio.Task[Any]] = {working, stopping, *beside}
    try:
        while working in unfinished:
            done, unfinished = await asyncio.wait(unfinished, return_when=asyncio.FIRST_COMPLETED)
            if stopping in done or any(companion in done and companion.exception() for companion in beside):
                ending.set()
        working.result()
        for companion in beside:
            if companion.done():
                companion.result()
    finally:
        for task in (working, stopping, *beside):
            task.cancel()
        await asyncio.gather(working, stopping, *beside, return_exceptions=True)

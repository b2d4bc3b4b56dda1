"""Waiting for several things at once, without a task where there is only one."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def together(works: Iterable[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """Results in the order of the works; the first error is raised, as `asyncio.gather` does."""
    coroutines = list(works)
    if len(coroutines) == 1:
        return [await coroutines[0]]
    return await asyncio.gather(*coroutines) if coroutines else []

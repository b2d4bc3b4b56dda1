"""How long a call waits for Redis when there is another way without it."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from parley.domain.errors import ErrorCode, ParleyError

_Answer = TypeVar("_Answer")


async def within(patience_s: float, answer: Awaitable[_Answer]) -> _Answer:
    """The answer of Redis; raises ParleyError UNAVAILABLE when it does not come within `patience_s`."""
    try:
        async with asyncio.timeout(patience_s):
            return await answer
    except TimeoutError:
        text = f"Redis did not answer within {patience_s:g} s: check its load and the network"
        raise ParleyError(ErrorCode.UNAVAILABLE, text) from None

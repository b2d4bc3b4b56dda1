"""The work that the operator's process consists of does not end unnoticed."""

import asyncio

from parley_operator.settings import load_settings
from parley_operator.watch.operator import Operator


async def test_a_worker_that_fails_ends_the_process_with_the_reason() -> None:
    """With one worker fewer, or without the renewal of its Lease, it would go on as if nothing were wrong."""
    operator = Operator(load_settings())

    async def fail() -> None:
        raise KeyError("chat/gateway")

    await asyncio.wait([operator._part(fail())])
    await operator._stop.wait()
    assert "KeyError('chat/gateway')" in operator._failed


async def test_a_part_that_is_told_to_end_is_no_failure() -> None:
    operator = Operator(load_settings())
    part = operator._part(asyncio.sleep(3600))
    part.cancel()
    await asyncio.wait([part])
    await asyncio.sleep(0)
    assert not operator._stop.is_set()

"""Who has another way does not wait long for a Redis that is silent, and a setting says how long."""

import asyncio

import pytest

from parley.adapters.connect import connect
from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.settings import load_settings

REGISTRY = frozenset({"registry"})


@pytest.mark.parametrize(("factor", "keys_s", "heads_s"), [(0.1, "0.025", "0.05"), (0.4, "0.1", "0.2")])
async def test_a_silent_redis_is_waited_for_as_long_as_the_factor_says(
    factor: float, keys_s: str, heads_s: str
) -> None:
    silent = await asyncio.start_server(_say_nothing, "127.0.0.1", 0)
    async with silent:
        url = f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        backends = await connect(load_settings(registry_url=url, registry_timeout_factor=factor), wanted=REGISTRY)
        with pytest.raises(ParleyError, match=f"did not answer within {keys_s} s") as keys:
            await backends.recent_keys.remember(["a"])
        with pytest.raises(ParleyError, match=f"did not answer within {heads_s} s"):
            await backends.resume_cache.reach()
        with pytest.raises(ParleyError, match="a moment ago"):
            await backends.recent_keys.remember(["a"])
        assert keys.value.code is ErrorCode.UNAVAILABLE
        await backends.close()


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.read()
    finally:
        writer.close()

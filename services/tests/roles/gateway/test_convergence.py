"""Wishes that are applied elsewhere, in order, whatever fails."""

import asyncio
from collections.abc import Mapping

from parley.domain.errors import ErrorCode, ParleyError
from parley.roles.gateway.convergence import Convergence
from tests.patience import STILL_S


class Elsewhere:
    """Applies what is wished, unless it is away; `gate` delays it."""

    def __init__(self) -> None:
        self.state: dict[str, bool] = {}
        self.batches: list[dict[str, bool]] = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.started = asyncio.Event()

    async def apply(self, wishes: Mapping[str, bool]) -> None:
        self.batches.append(dict(wishes))
        self.started.set()
        await self.gate.wait()
        if self.away:
            raise ParleyError(ErrorCode.UNAVAILABLE, "the registry is away")
        self.state.update(wishes)


async def test_wishes_of_a_moment_are_applied_together_and_confirmed() -> None:
    elsewhere = Elsewhere()
    convergence = Convergence("registry", elsewhere.apply)
    confirmed = await asyncio.gather(*(convergence.confirm({name: True}) for name in "abc"))
    assert confirmed == [True, True, True]
    assert elsewhere.batches == [{"a": True, "b": True, "c": True}]


async def test_a_later_wish_never_lands_before_an_earlier_one() -> None:
    elsewhere = Elsewhere()
    convergence = Convergence("registry", elsewhere.apply)
    elsewhere.gate.clear()
    convergence.wish("a", present=False)
    await elsewhere.started.wait()
    confirmed = asyncio.create_task(convergence.confirm({"a": True}))
    await asyncio.sleep(0)
    assert elsewhere.batches == [{"a": False}]
    elsewhere.gate.set()
    assert await confirmed
    assert elsewhere.batches == [{"a": False}, {"a": True}]
    assert elsewhere.state == {"a": True}


async def test_what_fails_is_wished_again_until_it_is_applied_and_the_newest_wish_wins() -> None:
    elsewhere, recovered = Elsewhere(), asyncio.Event()
    convergence = Convergence("registry", elsewhere.apply, recovered.set, retry_s=0.01)
    elsewhere.away = True
    assert not await convergence.confirm({"a": True, "b": True})
    convergence.wish("a", present=False)
    await convergence.settle()
    elsewhere.away = False
    async with asyncio.timeout(STILL_S):
        await recovered.wait()
    assert elsewhere.state == {"a": False, "b": True}


async def test_whoever_wishes_while_a_batch_fails_hears_of_the_failure() -> None:
    elsewhere = Elsewhere()
    convergence = Convergence("registry", elsewhere.apply, retry_s=60.0)
    elsewhere.away = True
    elsewhere.gate.clear()
    first = asyncio.create_task(convergence.confirm({"a": True}))
    await elsewhere.started.wait()
    second = asyncio.create_task(convergence.confirm({"b": True}))
    await asyncio.sleep(0)
    elsewhere.gate.set()
    async with asyncio.timeout(STILL_S):
        assert (await first, await second) == (False, False)
    convergence.close()

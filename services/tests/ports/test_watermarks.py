"""What every store of watermarks and profiles guarantees."""

import random

import pytest

from parley.ports.profiles import Profile
from parley.ports.watermarks import Progress
from parley.runtime.backends import Backends


@pytest.mark.parametrize("seed", range(10))
async def test_the_highest_mark_stays_whatever_the_order_of_writes(backends: Backends, seed: int) -> None:
    chance = random.Random(seed)
    marks = [Progress(chance.randint(0, 50), chance.randint(0, 50)) for _ in range(12)]
    for mark in marks:
        await backends.watermarks.advance({("c", "ann"): mark})
    expected = Progress(max(mark.delivered for mark in marks), max(mark.read for mark in marks))
    assert (await backends.watermarks.of_conversation("c"))["ann"] == expected


async def test_marks_are_found_by_conversation_and_by_user(backends: Backends) -> None:
    await backends.watermarks.advance(
        {("c", "ann"): Progress(3, 2), ("c", "bob"): Progress(5), ("d", "ann"): Progress(1)}
    )
    assert await backends.watermarks.of_conversation("c") == {"ann": Progress(3, 2), "bob": Progress(5)}
    assert await backends.watermarks.of_user("ann", ["c", "d", "e"]) == {"c": Progress(3, 2), "d": Progress(1)}
    assert await backends.watermarks.of_user("ann", []) == {}


async def test_last_seen_only_moves_forward_and_privacy_is_kept_beside_it(backends: Backends) -> None:
    await backends.profiles.seen({"ann": 500, "bob": 100})
    await backends.profiles.seen({"ann": 400})
    await backends.profiles.set_privacy("ann", hide_presence=True)
    found = await backends.profiles.profiles(["ann", "bob", "cho"])
    assert found == {"ann": Profile(500, hide_presence=True), "bob": Profile(100)}
    await backends.profiles.set_privacy("ann", hide_presence=False)
    assert (await backends.profiles.profiles(["ann"]))["ann"] == Profile(500)

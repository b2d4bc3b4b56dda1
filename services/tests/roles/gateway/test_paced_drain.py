"""Clients are asked to leave one at a time, never faster than the rate, and none is left when the time is over."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from parley.roles.gateway.context import Context
from parley.roles.gateway.drain import drain
from tests.jumping_loop import in_jumping_time


class _Crowd:
    """Clients that leave as soon as they are asked, some after a while."""

    def __init__(self, count: int, slow: float) -> None:
        self.asked: list[float] = []
        self.cut = 0
        self._slow = slow
        self.departure = asyncio.Event()
        self.directory = SimpleNamespace(clients={_Client(self) for _ in range(count)})

    def ask(self, client: "_Client") -> None:
        loop = asyncio.get_running_loop()
        self.asked.append(loop.time())
        loop.call_later(self._slow, self.gone, client)

    def gone(self, client: "_Client") -> None:
        self.directory.clients.discard(client)
        self.departure.set()


class _Client:
    def __init__(self, crowd: _Crowd) -> None:
        self.crowd = crowd
        self.session = SimpleNamespace(drain=lambda within, _: within, end=lambda *_: None)

    def perform(self, asked: int | None) -> None:
        if asked is None:
            self.crowd.cut += 1
        else:
            self.crowd.ask(self)


@settings(deadline=None)
@given(count=st.integers(0, 60), rate=st.integers(1, 50), slow=st.floats(0, 3))
def test_nobody_is_asked_before_his_turn(count: int, rate: int, slow: float) -> None:
    async def work() -> None:
        crowd = _Crowd(count, slow)
        await drain(cast("Context", cast("Any", crowd)), int((count / rate + 4) * 1000), rate)
        assert len(crowd.asked) == count
        between = [later - earlier for earlier, later in zip(crowd.asked, crowd.asked[1:], strict=False)]
        assert all(each >= 1 / rate - 1e-9 for each in between)
        assert crowd.cut == 0

    in_jumping_time(work())


def test_who_is_left_at_the_end_is_closed() -> None:
    async def work() -> None:
        crowd = _Crowd(20, slow=100.0)
        await drain(cast("Context", cast("Any", crowd)), 1000, 10)
        assert len(crowd.asked) <= 11, "the end of the time is nobody's turn"
        assert crowd.cut == 20

    in_jumping_time(work())

"""What a person is told when the driver finds no node, or cannot go on."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from cassandra import AuthenticationFailed
from cassandra.cluster import NoHostAvailable

from parley.adapters.cql.failures import unavailable
from parley.adapters.cql.session import Answer, Row
from parley.adapters.threads.completions import Completions
from parley.domain.errors import ParleyError
from tests.patience import STILL_S


def test_nodes_that_do_not_run_are_named_as_the_cause() -> None:
    error = NoHostAvailable("nobody", {"10.0.0.1:9042": OSError("Connection refused")})
    assert "check that its nodes run (Connection refused)" in unavailable(error, "store:9042").message


def test_a_wrong_password_is_told_apart_from_a_node_that_is_down() -> None:
    error = NoHostAvailable("nobody", {"10.0.0.1:9042": AuthenticationFailed("bad credentials")})
    assert "check PARLEY_STORE_USER and PARLEY_STORE_PASSWORD" in unavailable(error, "store:9042").message


def test_nodes_that_announce_addresses_nobody_reaches_are_named_with_the_setting_to_change() -> None:
    error = NoHostAvailable("nobody", ["127.0.0.1"])
    message = unavailable(error, "store:9042").message
    assert "announces addresses that cannot be reached from here (127.0.0.1): set its broadcast_rpc_address" in message


class LosesItsNode:
    """A response whose second page cannot be asked for."""

    has_more_pages = True

    def add_callbacks(self, page: Callable[[Sequence[Row]], None], _: Callable[[Exception], None]) -> None:
        page([(1,)])

    def start_fetching_next_page(self) -> None:
        raise RuntimeError("no node is left")


async def test_a_next_page_that_cannot_be_asked_for_is_an_answer_too() -> None:
    """The driver only logs what its callbacks raise: whoever waits would do so for ever."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[Row]] = loop.create_future()
    Answer(future, LosesItsNode(), Completions(loop), "store:9042").await_it()
    with pytest.raises(ParleyError, match="no node is left"):
        async with asyncio.timeout(STILL_S):
            await future

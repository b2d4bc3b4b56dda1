"""A changed Secret is noticed although nobody watches Secrets."""

import asyncio
import base64
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_api_server import MemoryApiServer
from typing_extensions import override

from parley_operator.external.provisioning import SecretData
from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import SECRETS, Resource
from parley_operator.reconcile.queue import Key
from parley_operator.watch.secret_rounds import SecretRounds, pause_s, places_of

ONE: Final = ("talk", "one")
TWO: Final = ("talk", "two")
ELSEWHERE: Final = ("elsewhere", "one")


class Server(MemoryApiServer):
    """Secrets by namespace and name; one that is None cannot be read."""

    def __init__(self, secrets: dict[tuple[str, str], dict[str, bytes] | None]) -> None:
        super().__init__()
        self.secrets = secrets
        self.asked: list[tuple[str, str]] = []

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        assert resource is SECRETS
        place = (namespace or "", name)
        self.asked.append(place)
        if place not in self.secrets:
            return None
        found = self.secrets[place]
        if found is None:
            raise KubeError(403, "GET", "not allowed")
        return {"data": {key: base64.b64encode(value).decode() for key, value in found.items()}}


async def _round(server: Server, used: dict[Key, SecretData], looks: int) -> list[Key]:
    """Who was told after so many reads."""
    told: list[Key] = []
    rounds = SecretRounds(server, lambda: used, told.append, least_pause_s=0.0)
    running = asyncio.create_task(rounds.run(0.0))
    while len(server.asked) < looks:
        await asyncio.sleep(0)
        assert not running.done() or running.exception() is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return told


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ({"tokens": {"jwt": b"old"}, "login": {"password": b"p"}}, []),
        ({"tokens": {"jwt": b"new"}, "login": {"password": b"p"}}, [ONE, TWO]),
        ({"tokens": {"jwt": b"old"}, "login": {"password": b"q"}}, [ONE]),
        ({"tokens": {"jwt": b"old", "more": b"1"}, "login": {"password": b"p"}}, [ONE, TWO]),
        ({"login": {"password": b"p"}}, [ONE, TWO]),
    ],
)
def test_exactly_the_users_of_a_secret_that_changed_are_told(
    there: dict[str, dict[str, bytes] | None], told: list[Key]
) -> None:
    used: dict[Key, SecretData] = {
        ONE: {"tokens": {"jwt": b"old"}, "login": {"password": b"p"}},
        TWO: {"tokens": {"jwt": b"old"}},
        ELSEWHERE: {"tokens": {"jwt": b"theirs"}},
    }
    server = Server({("talk", name): content for name, content in there.items()})
    server.secrets["elsewhere", "tokens"] = {"jwt": b"theirs"}
    assert asyncio.run(_round(server, used, 3)) == told
    assert sorted(server.asked[:3]) == [("elsewhere", "tokens"), ("talk", "login"), ("talk", "tokens")], "each once"


def test_a_secret_that_was_missing_is_noticed_when_it_is_made() -> None:
    server = Server({("talk", "tokens"): {"jwt": b"new"}})
    assert asyncio.run(_round(server, {ONE: {"tokens": {}}}, 1)) == [ONE]


def test_a_secret_that_cannot_be_read_keeps_no_other_from_being() -> None:
    server = Server({("talk", "a"): None, ("talk", "b"): {"key": b"new"}})
    assert asyncio.run(_round(server, {ONE: {"a": {}, "b": {}}}, 4)).count(ONE) == 2
    assert server.asked[:4] == [("talk", "a"), ("talk", "b")] * 2


def test_who_went_away_in_the_meantime_is_not_told() -> None:
    told: list[Any] = []
    rounds = SecretRounds(Server({}), dict, told.append)
    asyncio.run(rounds.look(("talk", "tokens"), [ONE]))
    assert not told


@given(st.floats(1.0, 3600.0), st.integers(1, 100_000))
def test_a_round_takes_its_interval_or_asks_three_times_a_second(interval: float, count: int) -> None:
    pause = pause_s(interval, count, 1 / 3)
    assert pause >= 1 / 3
    assert pause * count == pytest.approx(max(interval, count / 3))


def test_places_of_nobody_are_none() -> None:
    assert places_of({}) == {}
    assert places_of({ONE: {}}) == {}

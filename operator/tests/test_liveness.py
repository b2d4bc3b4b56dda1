"""A watch that is stuck is told from one that has nothing to tell."""

from typing import Any, Final

import pytest
from memory_api_server import MemoryApiServer

from parley_operator.kube.resources import CHAT_CLUSTERS, CONFIG_MAPS, EVENTS, SERVICES
from parley_operator.watch.liveness import ToldKubernetes, WatchLiveness

PATIENCE_S: Final = 60.0


def _body(version: int, uid: str = "one") -> dict[str, Any]:
    return {"metadata": {"uid": uid, "resourceVersion": str(version)}}


@pytest.fixture
def watches() -> WatchLiveness:
    return WatchLiveness((CHAT_CLUSTERS, SERVICES, CONFIG_MAPS))


def test_silence_while_nothing_happens_is_no_fault(watches: WatchLiveness) -> None:
    watches.heard(SERVICES, _body(1))
    assert watches.stalled(1e6, PATIENCE_S) == ""


def test_a_change_that_is_never_told_is_a_stall_and_names_the_watch(watches: WatchLiveness) -> None:
    watches.heard(SERVICES, _body(1))
    watches.found(SERVICES, _body(2), 100.0)
    watches.found(SERVICES, _body(3), 150.0)
    assert watches.stalled(100.0 + PATIENCE_S, PATIENCE_S) == ""
    assert "services" in watches.stalled(101.0 + PATIENCE_S, PATIENCE_S), "the first untold change counts"


def test_a_word_of_that_watch_ends_the_stall_and_of_another_does_not(watches: WatchLiveness) -> None:
    watches.found(SERVICES, _body(2), 0.0)
    watches.heard(CONFIG_MAPS, _body(9, "other"))
    assert watches.stalled(100.0, PATIENCE_S)
    watches.heard(SERVICES, _body(2))
    assert not watches.stalled(100.0, PATIENCE_S)


def test_what_the_watch_told_before_the_answer_came_is_not_owed(watches: WatchLiveness) -> None:
    watches.heard(SERVICES, _body(5))
    watches.found(SERVICES, _body(5), 0.0)
    watches.found(SERVICES, _body(4), 0.0)
    assert not watches.stalled(1e6, PATIENCE_S)


def test_kinds_without_a_watch_owe_nothing(watches: WatchLiveness) -> None:
    watches.found(EVENTS, _body(1), 0.0)
    assert not watches.stalled(1e6, PATIENCE_S)


def test_a_deleted_object_made_anew_is_owed_again(watches: WatchLiveness) -> None:
    watches.heard(SERVICES, _body(5))
    watches.heard(SERVICES, _body(6), deleted=True)
    watches.found(SERVICES, _body(7, "two"), 0.0)
    assert watches.stalled(100.0, PATIENCE_S)


async def test_every_write_and_every_look_is_compared_with_the_watch(watches: WatchLiveness) -> None:
    server = MemoryApiServer()
    now = 0.0
    told = ToldKubernetes(server, watches, lambda: now)
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "talk", "name": "chat"}, "spec": {}}
    made = await told.apply(SERVICES, service)
    assert watches.stalled(100.0, PATIENCE_S)
    watches.heard(SERVICES, made)
    assert not watches.stalled(100.0, PATIENCE_S)
    await server.apply(SERVICES, {**service, "spec": {"type": "NodePort"}}, manager="somebody")
    assert not watches.stalled(100.0, PATIENCE_S), "nobody has seen it yet"
    await told.get(SERVICES, "talk", "chat")
    assert watches.stalled(100.0, PATIENCE_S), "a look found what the watch did not tell"

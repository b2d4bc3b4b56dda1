"""The table that is drawn again and again."""

import asyncio
import datetime as dt

import pytest
from test_cli_chat_clusters import ClusterInMemory, Manifest, chat_cluster

from parley_operator.cli.show.top import look
from parley_operator.cli.show.top_table import Sight, drawing, screen, top_lines

NOW = dt.datetime(2026, 11, 28, 12, 0, tzinfo=dt.UTC)
STATUS = {
    "phase": "Updating",
    "gateways": "2/3",
    "connections": 900,
    "lag": 4,
    "components": [
        {"name": "gateway", "desired": 3, "ready": 2, "updated": 1, "connections": 900},
        {"name": "fanout", "desired": 2, "ready": 2, "updated": 2, "lag": 4, "scaling": "lag 4 of 1000"},
    ],
    "rollout": {"stage": "Rolling", "message": "replacing chat-gateway-1"},
}


def pod(name: str = "chat-gateway-1", *, leaving: bool = True) -> Manifest:
    role = name.split("-")[1]
    labels = {
        "app.kubernetes.io/name": "parley",
        "app.kubernetes.io/instance": "chat",
        "app.kubernetes.io/component": role,
    }
    metadata = {"name": name, "namespace": "talk", "labels": labels}
    times = {"deletionTimestamp": "2026-11-28T12:01:30Z", "deletionGracePeriodSeconds": 110}
    return {"kind": "Pod", "metadata": metadata | (times if leaving else {})}


def test_every_part_has_a_row_and_a_leaving_gateway_stands_below_its_part() -> None:
    sight = Sight([chat_cluster(status=STATUS)], [pod()], {("talk", "chat-gateway-1"): 312})
    assert top_lines(sight, NOW) == [
        "CLUSTER    PART              READY  UPDATED  CONNECTIONS  LAG  STATE",
        "talk/chat  all               4/5    3        900          4    Updating",
        "           gateway           2/3    1        900          -    Rolling: replacing chat-gateway-1",
        "             chat-gateway-1                  312               leaves, 20s of 110s are over",
        "           fanout            2/2    2        -            4    lag 4 of 1000",
    ]


def test_what_needs_attention_is_in_the_row_of_the_chat_cluster() -> None:
    broken = {"type": "RedisReady", "status": "False", "reason": "Unreachable", "message": "redis is away"}
    sight = Sight([chat_cluster(status={"phase": "Degraded", "conditions": [broken]})])
    assert top_lines(sight, NOW)[1].endswith("Degraded: RedisReady: redis is away")


def test_a_chat_cluster_without_status_is_pending() -> None:
    assert top_lines(Sight([chat_cluster()]), NOW)[1].endswith("Pending")


def test_clients_of_leaving_pods_are_asked_for_and_of_no_others() -> None:
    cluster = ClusterInMemory([chat_cluster(), pod(), pod("chat-gateway-0", leaving=False)])
    sight = asyncio.run(look(cluster, "talk"))
    assert sight.clients == {("talk", "chat-gateway-1"): 312}


def test_the_table_does_without_pods_where_they_may_not_be_seen() -> None:
    sight = asyncio.run(look(ClusterInMemory([chat_cluster()], forbidden={"Pod"}), "talk"))
    assert [each["metadata"]["name"] for each in sight.clusters] == ["chat"]
    assert not sight.leaving


def test_a_small_terminal_shows_what_fits_and_says_so() -> None:
    assert screen(["abcdefghij", "b", "c", "d"], 8, 3) == [
        "abcde...",
        "b",
        "(2 more lines: make the window larger, or use --once)",
    ]


@pytest.mark.parametrize("lines", [[], ["a", "b"]])
def test_a_drawing_covers_what_was_there_before(lines: list[str]) -> None:
    text = drawing(lines)
    assert text.startswith("\x1b[H")
    assert text.endswith("\x1b[J")
    assert text.count("\x1b[K\n") == len(lines)

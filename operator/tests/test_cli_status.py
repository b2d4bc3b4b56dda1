"""What people read of a status, and in which order."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from test_cli_chat_clusters import ClusterInMemory, Manifest, chat_cluster

from parley_operator.cli.show.conditions_shown import as_wanted, available, first_attention, needs_attention, under_way
from parley_operator.cli.show.status import all_available, chosen_clusters, status_text
from parley_operator.cli.table import age, duration, table
from parley_operator.reconcile.catalogue import CONDITION_NAMES

NOW = dt.datetime(2026, 11, 28, 12, 0, tzinfo=dt.UTC)


def condition(
    kind: str, status: str = "True", reason: str = "AsWanted", message: str = "", minutes: int = 5
) -> Manifest:
    since = (NOW - dt.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since}


def in_trouble() -> Manifest:
    return {
        "observedGeneration": 1,
        "phase": "Degraded",
        "version": "1.2.3",
        "sizing": {"size": "small", "partitions": 12},
        "gateways": "1/2",
        "connections": 41,
        "conditions": [
            condition("Available"),
            condition("Degraded", "True", "Refused", "KafkaReady: partitions may not change"),
            condition("KafkaReady", "False", "Refused", "partitions may not change (12 to 6)", minutes=180),
            condition("GatewayReady", "False", "RollingOut", "1 of 2 pods are ready"),
            condition("Paused", "False", "Running"),
        ],
        "components": [
            {"name": "gateway", "desired": 2, "ready": 1, "updated": 1, "connections": 41},
            {"name": "fanout", "desired": 2, "ready": 2, "updated": 2, "lag": 7, "scaling": "lag 7 of 1000"},
        ],
        "topics": {"target": "parley.*", "planned": ["create deadletter"], "refused": ["12 to 6 partitions"]},
        "keyspace": {"target": "parley", "planned": [], "refused": []},
        "rollout": {"revision": "chat-gateway-2", "stage": "Canary", "message": "replacing chat-gateway-1"},
        "endpoints": {"sockets": "ws://chat-gateway.talk:8080/v1/connect", "api": "http://chat-chat.talk:8080"},
    }


def shown(*clusters: Manifest) -> str:
    return status_text(clusters, NOW)


def test_one_chat_cluster_is_shown_in_full() -> None:
    text = shown(chat_cluster(status=in_trouble()))
    assert text.splitlines()[0].startswith("ChatCluster talk/chat: Degraded, version 1.2.3, size small with 12 part")
    for line in (
        "  sockets   ws://chat-gateway.talk:8080/v1/connect",
        "COMPONENT  READY  UPDATED  CONNECTIONS  LAG  SCALING",
        "gateway    1/2    1        41           -    -",
        "fanout     2/2    2        -            7    lag 7 of 1000",
        "! KafkaReady is False since 3h: Refused",
        "    partitions may not change (12 to 6)",
        "    What to do: Follow the way out in the message.",
        "~ GatewayReady is False since 5m: RollingOut",
        "  Available, not Paused",
        "Topics parley.*",
        "  - planned: create deadletter",
        "  ! refused: 12 to 6 partitions",
        "Keyspace parley: as wanted",
        "Rollout to chat-gateway-2: Canary",
        "    replacing chat-gateway-1",
    ):
        assert line in text.splitlines()


def test_what_needs_attention_comes_before_what_is_under_way_and_before_the_rest() -> None:
    text = shown(chat_cluster(status=in_trouble()))
    places = [text.index(title) for title in ("Needs attention", "Under way", "As wanted")]
    assert places == sorted(places)


def test_an_operator_that_said_nothing_is_asked_for() -> None:
    assert "The operator has said nothing yet. Does it run?" in shown(chat_cluster())


def test_a_status_about_an_earlier_spec_is_said_to_be_one() -> None:
    body = chat_cluster(status=in_trouble())
    body["metadata"] |= {"generation": 3}
    assert "this is about generation 1 of 3" in shown(body)


def test_a_deletion_is_told() -> None:
    body = chat_cluster(status={"observedGeneration": 1, "phase": "Deleting"})
    body["metadata"]["deletionTimestamp"] = "2026-11-28T11:00:00Z"
    assert "It is being deleted since 2026-11-28T11:00:00Z" in shown(body)


def test_several_are_a_table_followed_by_what_needs_attention() -> None:
    well = {"observedGeneration": 1, "phase": "Ready", "conditions": [condition("Available")], "gateways": "2/2"}
    text = shown(chat_cluster("good", status=well), chat_cluster("bad", status=in_trouble()), chat_cluster("new"))
    rows = [line.split()[:4] for line in text.splitlines()[:4]]
    assert rows == [
        ["NAMESPACE", "NAME", "PHASE", "AVAILABLE"],
        ["talk", "good", "Ready", "yes"],
        ["talk", "bad", "Degraded", "yes"],
        ["talk", "new", "Pending", "no"],
    ]
    assert "! talk/bad\n    KafkaReady: partitions may not change (12 to 6)" in text
    assert "! talk/new\n    the operator has said nothing yet" in text
    assert "! talk/good" not in text


def test_all_are_available_only_when_each_is() -> None:
    well = chat_cluster(status={"conditions": [condition("Available")]})
    assert all_available([well])
    assert not all_available([well, chat_cluster("new")])


def test_the_chosen_one_or_all_are_read() -> None:
    cluster = ClusterInMemory([chat_cluster(), chat_cluster("b"), chat_cluster("c", "other")])

    def names(namespace: str | None, name: str | None) -> list[str]:
        found = asyncio.run(chosen_clusters(cluster, namespace, name))
        return [each["metadata"]["name"] for each in found]

    assert names("talk", "b") == ["b"]
    assert names("talk", None) == ["b", "chat"]
    assert names(None, None) == ["c", "b", "chat"]


@pytest.mark.parametrize("kind", CONDITION_NAMES)
@pytest.mark.parametrize("status", ["True", "False", "Unknown"])
@pytest.mark.parametrize("reason", ["AsWanted", "RollingOut", "Unreachable"])
def test_every_condition_stands_in_exactly_one_group(kind: str, status: str, reason: str) -> None:
    one = condition(kind, status, reason)
    assert [as_wanted(one), under_way(one), needs_attention(one)].count(True) == 1


def test_the_most_telling_condition_is_chosen() -> None:
    summary = condition("Degraded", "True", "NoPods", "everything")
    assert first_attention([summary, condition("RedisReady", "False", "Unreachable", "away")]) == "RedisReady: away"
    assert first_attention([summary]) == "Degraded: everything"
    assert first_attention([condition("Available")]) == ""


def test_nothing_known_is_not_available() -> None:
    assert not available({})


@pytest.mark.parametrize(("seconds", "text"), [(-5, "0s"), (119, "119s"), (120, "2m"), (7200, "2h"), (172_800, "2d")])
def test_a_time_is_told_in_its_largest_unit(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("since", [None, "", "yesterday"])
def test_a_time_that_is_not_known_is_said_so(since: str | None) -> None:
    assert age(since, NOW) == "unknown"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    rows: list[list[Any]] = [["a", None], ["long", 0]]
    assert table(("X", "YY"), rows) == ["X     YY", "a     -", "long  0"]

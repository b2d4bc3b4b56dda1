"""Centrifugo's replies are read as its protocol describes them, and a channel's name is its conversation's."""

import json

import pytest

from e2e.bench.contract import Direct, Group, Place
from e2e.bench.drivers import centrifugo_wire as wire
from e2e.bench.products.centrifugo import configuration


def test_a_message_of_the_socket_may_hold_several_replies() -> None:
    payload = (
        b'{"id":3,"publish":{}}\n'
        b'{"push":{"channel":"group:g","pub":{"data":"k-1 text","offset":7,"info":{"user":"a","client":"c"}}}}\n'
        b'{"id":4,"error":{"code":103,"message":"permission denied"}}\n'
        b"{}"
    )
    accepted, pushed, refused, ping = wire.replies(payload)
    assert (accepted.id, accepted.error) == (3, None)
    assert pushed.push == wire.Push("group:g", wire.Publication("k-1 text", 7))
    assert refused.error == wire.Failure(103, "permission denied")
    assert ping == wire.Reply()


def test_a_text_survives_the_way_into_a_command() -> None:
    text = 'k-1 "quoted" \\ \n \N{SNOWMAN}'
    command = json.loads(wire.publish(5, json.dumps("group:g").encode(), text))
    assert command == {"id": 5, "publish": {"channel": "group:g", "data": text}}


def test_only_a_subscription_with_a_position_recovers() -> None:
    assert "recover" not in json.loads(wire.subscribe(1, "group:g", None))["subscribe"]
    recovering = json.loads(wire.subscribe(1, "group:g", (4, "e")))["subscribe"]
    assert recovering == {"channel": "group:g", "recover": True, "offset": 4, "epoch": "e"}


@pytest.mark.parametrize("place", [Direct.of("b1", "a-2.x"), Group("g-1")])
def test_a_channel_leads_back_to_its_conversation(place: Place) -> None:
    assert wire.place_of(wire.channel_of(place)) == place


def test_every_channel_keeps_its_history_and_recovers() -> None:
    settings = json.loads(json.dumps(configuration(1, 2, "secret", "key")))
    for namespace in settings["channel"]["namespaces"]:
        assert namespace["history_size"] > 0
        assert namespace["force_recovery"]
        assert namespace["force_positioning"]

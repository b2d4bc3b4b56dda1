"""What Synapse answers is read as the Matrix API describes it, and what is asked of it is what that API knows."""

import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from e2e.bench.contract import Direct, Group, Place
from e2e.bench.drivers import matrix_wire as wire
from e2e.bench.drivers.matrix_rooms import Events, RefusedError, accepted
from e2e.bench.products.synapse_people import accounts_sql

REQUESTS = wire.Requests("127.0.0.1", 8008, "token")


def target_of(request: bytes) -> str:
    return request.split(b"\r\n")[0].split()[1].decode()


def test_a_synchronisation_is_read_without_what_nobody_asked_for() -> None:
    timeline = {
        "events": [
            {"type": "m.room.message", "event_id": "$1", "sender": "@a:localhost", "content": {"body": "k-1 hi"}}
        ],
        "limited": True,
        "prev_batch": "p",
    }
    room = {"timeline": timeline, "summary": {"m.heroes": []}, "ephemeral": {"events": []}}
    answer = wire.synced(json.dumps({"next_batch": "n", "rooms": {"join": {"!r": room}}, "to_device": {}}))
    assert answer.next_batch == "n"
    assert answer.rooms.join["!r"].timeline == wire.Events(
        (wire.Event("m.room.message", "$1", wire.Content("k-1 hi")),), limited=True, prev_batch="p"
    )


def test_only_public_read_receipts_are_told() -> None:
    content = {"$1": {"m.read": {"@a:localhost": {"ts": 1}}, "m.read.private": {"@b:localhost": {}}}}
    answer = {"next_batch": "n", "rooms": {"join": {"!r": {"ephemeral": {"events": [
        {"type": "m.receipt", "content": content}, {"type": "m.typing", "content": {"user_ids": []}}
    ]}}}}}  # fmt: skip
    told = wire.synced(json.dumps(answer)).rooms.join["!r"].ephemeral.events
    assert [pair for each in told for pair in wire.receipts(each)] == [("$1", "a")]


@pytest.mark.parametrize("place", [Direct.of("b1", "a-2.x"), Group("g-1")])
def test_an_alias_leads_back_to_its_conversation(place: Place) -> None:
    assert wire.place_of_alias(f"#{wire.alias_of(place)}:localhost") == place


def test_an_alias_of_somebody_else_is_no_conversation() -> None:
    assert wire.place_of_alias("#lobby:localhost") is None


def test_the_first_synchronisation_does_not_wait_and_later_ones_say_since_when() -> None:
    first = parse_qs(urlsplit(target_of(REQUESTS.sync(None, wait=False))).query)
    later = parse_qs(urlsplit(target_of(REQUESTS.sync("s1_2", wait=True))).query)
    assert first["timeout"] == ["0"]
    assert "since" not in first
    assert later["since"] == ["s1_2"]
    assert int(later["timeout"][0]) > 0
    kinds = json.loads(later["filter"][0])["room"]
    assert kinds["timeline"]["types"] == ["m.room.message", "m.room.canonical_alias"]
    assert kinds["ephemeral"]["types"] == ["m.receipt"]


def test_a_message_carries_its_key_as_transaction_and_its_exact_length() -> None:
    head, _, body = REQUESTS.send("!room:localhost", "k-1", 'k-1 "\N{SNOWMAN}"').partition(b"\r\n\r\n")
    assert unquote(target_of(head)).endswith("/rooms/!room:localhost/send/m.room.message/k-1")
    assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n")
    assert json.loads(body) == {"msgtype": "m.text", "body": 'k-1 "\N{SNOWMAN}"'}


def test_a_refusal_shows_what_the_server_said() -> None:
    with pytest.raises(RefusedError, match=r"429 .*M_LIMIT_EXCEEDED"):
        accepted((429, b'{"errcode":"M_LIMIT_EXCEEDED"}'))


def test_old_events_are_forgotten_in_both_directions() -> None:
    events = Events()
    for number in range(5_000):
        events.add(f"k-{number}", f"${number}")
    assert (events.event_of("k-4999"), events.key_of("$4999")) == ("$4999", "k-4999")
    assert (events.event_of("k-0"), events.key_of("$0")) == (None, None)


def test_a_name_with_a_quote_does_not_leave_its_statement() -> None:
    assert "o''brien" in accounts_sql(["o'brien"], "secret", 1)

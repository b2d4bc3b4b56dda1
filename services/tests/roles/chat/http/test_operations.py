"""Every operation of the HTTP API does what its name says, and answers as the document describes."""

from collections.abc import AsyncIterator

import httpx
import pytest

from parley.roles.chat.http.operations import OPERATIONS
from tests.roles.chat.http.serving import Api, serving
from tests.roles.chat.running import direct

ROOM = f"/v1/conversations/{direct('ann', 'bob')}"
HELLO = {"content": {"text": "hello"}}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving() as ready:
        yield ready


async def group(api: Api, *members: str) -> str:
    created = await api.change("POST", "/v1/conversations", json={"title": "Team", "members": list(members)})
    return f"/v1/conversations/{created['conversation']}"


async def test_an_accepted_message_is_acknowledged_without_the_envelope_of_the_socket(api: Api) -> None:
    ack = await api.change("POST", "/v1/direct/bob/messages", json={**HELLO, "client_msg_id": "one"})
    assert ack["client_msg_id"] == "one"
    assert set(ack) == {"conversation", "client_msg_id", "message_id"}
    page = await api.get(f"{ROOM}/messages")
    assert [(entry["content"]["text"], entry["message_id"]) for entry in page["messages"]] == [
        ("hello", ack["message_id"])
    ]


@pytest.mark.parametrize("way", ["body", "header"])
async def test_g4_a_repeated_request_makes_no_second_message(api: Api, way: str) -> None:
    body = {**HELLO, "client_msg_id": "k"} if way == "body" else HELLO
    headers = {"Idempotency-Key": "k"} if way == "header" else {}
    for _ in range(3):
        await api.change("POST", "/v1/direct/bob/messages", json=body, headers=headers)
    assert len((await api.get(f"{ROOM}/messages"))["messages"]) == 1


async def test_without_a_key_every_request_is_a_message_of_its_own(api: Api) -> None:
    for _ in range(2):
        await api.change("POST", "/v1/direct/bob/messages", json=HELLO)
    assert len((await api.get(f"{ROOM}/messages"))["messages"]) == 2


async def test_a_message_is_edited_reacted_to_and_deleted(api: Api) -> None:
    await api.change("POST", "/v1/direct/bob/messages", json=HELLO)
    await api.change("PATCH", f"{ROOM}/messages/1", json={"content": {"text": "hello, Bob"}})
    await api.change("PUT", f"{ROOM}/messages/1/reactions/👍", user="bob")
    first = (await api.get(f"{ROOM}/messages", params={"before": 2}))["messages"][0]
    assert first["content"]["text"] == "hello, Bob"
    assert [(word["user"], word["emoji"]) for word in first["reactions"]] == [("bob", "👍")]
    await api.change("DELETE", f"{ROOM}/messages/1/reactions/👍", user="bob")
    assert "reactions" not in (await api.get(f"{ROOM}/messages", params={"before": 2}))["messages"][0]
    await api.change("DELETE", f"{ROOM}/messages/1")
    tombstone = (await api.get(f"{ROOM}/messages", params={"before": 2}))["messages"][0]
    assert tombstone["deleted_seq"] == 5
    assert "content" not in tombstone


async def test_pages_go_after_and_before_a_seq(api: Api) -> None:
    for number in range(5):
        await api.change("POST", "/v1/direct/bob/messages", json={"content": {"text": str(number)}})
    after = await api.get(f"{ROOM}/messages", params={"after": 1, "limit": 2})
    before = await api.get(f"{ROOM}/messages", params={"before": 4, "limit": 2})
    assert [entry["seq"] for entry in after["messages"]] == [2, 3]
    assert [entry["seq"] for entry in before["messages"]] == [2, 3]
    assert (after["more"], before["more"]) == (True, True)


async def test_a_group_is_made_renamed_and_its_members_change(api: Api) -> None:
    room = await group(api, "bob")
    await api.change("PATCH", room, json={"title": "Crew"})
    await api.change("POST", f"{room}/members", json={"members": ["cho"]})
    await api.change("PUT", f"{room}/members/cho", json={"role": "admin"})
    await api.change("DELETE", f"{room}/members/bob", user="cho")
    members = (await api.get(f"{room}/members"))["members"]
    assert {member["user"]: member["role"] for member in members} == {"ann": "owner", "cho": "admin"}
    described = (await api.get(room))["conversations"][0]
    assert (described["title"], described["member_count"]) == ("Crew", 2)


async def test_to_remove_oneself_is_to_leave(api: Api) -> None:
    room = await group(api, "bob")
    await api.change("DELETE", f"{room}/members/bob", user="bob")
    newest = (await api.get(f"{room}/messages"))["messages"][-1]
    assert (newest["kind"], newest["sender"]) == ("left", "bob")


async def test_receipts_and_readers_are_told(api: Api) -> None:
    await api.change("POST", "/v1/direct/bob/messages", json=HELLO)
    waiting = await api.get(f"{ROOM}/messages/1/read-by")
    assert "undelivered_since" in waiting
    marked = await api.call("POST", f"{ROOM}/receipts", "bob", json={"delivered": 1, "read": 1})
    assert (marked.status_code, marked.content) == (httpx.codes.NO_CONTENT, b"")
    await api.chat.settle()
    assert (await api.get(f"{ROOM}/messages/1/read-by"))["read"] == ["bob"]
    assert (await api.get(f"{ROOM}/receipts"))["watermarks"] == {"bob": {"delivered": 1, "read": 1}}


async def test_conversations_are_listed_page_by_page_each_once(api: Api) -> None:
    for peer in ("bob", "cho", "dan"):
        await api.change("POST", f"/v1/direct/{peer}/messages", json=HELLO)
    peers, token = [], None
    while True:
        page = await api.get("/v1/conversations", params={"limit": 2} | ({"page_token": token} if token else {}))
        peers += [view["peer"] for view in page["conversations"]]
        token = page.get("next_page_token")
        if token is None:
            break
    assert sorted(peers) == ["bob", "cho", "dan"]


async def test_presence_is_told_and_can_be_hidden(api: Api) -> None:
    await api.chat.backends.profiles.seen({"bob": 1_700_000_000_000})
    assert (await api.get("/v1/presence?users=bob,cho"))["users"] == {
        "bob": {"last_seen": "2023-11-14T22:13:20.000Z"},
        "cho": {},
    }
    assert (await api.call("PUT", "/v1/privacy", "bob", json={"hide_presence": True})).status_code == httpx.codes.OK
    assert (await api.get("/v1/presence?users=bob"))["users"] == {"bob": {}}


async def test_a_name_may_hold_what_a_path_gives_a_meaning_to(api: Api) -> None:
    await api.change("POST", "/v1/direct/team%2Fbot%3F%20%C3%A9/messages", json=HELLO)
    assert (await api.get("/v1/conversations"))["conversations"][0]["peer"] == "team/bot? é"


async def test_what_was_accepted_a_moment_ago_counts_for_the_next_request(api: Api) -> None:
    created = (await api.call("POST", "/v1/conversations", json={"title": "Team"})).json()
    room = f"/v1/conversations/{created['conversation']}"
    answers = [
        await api.call("POST", f"{room}/messages", json=HELLO),
        await api.call("POST", f"{room}/members", json={"members": ["bob"]}),
        await api.call("PUT", f"{room}/members/bob", json={"role": "owner"}),
        await api.call("DELETE", f"{room}/members/ann"),
        await api.call("POST", f"{room}/messages", "bob", json=HELLO),
    ]
    assert [answer.status_code for answer in answers] == [httpx.codes.ACCEPTED] * 5
    await api.chat.settle()
    kinds = [entry["kind"] for entry in (await api.get(f"{room}/messages", "bob"))["messages"]]
    assert kinds == ["added", "role", "left", "message"]


async def test_every_operation_asks_for_a_token(api: Api) -> None:
    for operation in OPERATIONS:
        path = operation.path.format(conversation="c", seq=1, user="bob", emoji="x")
        answer = await api.call(operation.method, path, None)
        assert (answer.status_code, answer.json()["code"]) == (httpx.codes.UNAUTHORIZED, "unauthenticated"), path
        assert answer.headers["www-authenticate"] == "Bearer"

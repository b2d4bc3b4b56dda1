"""Whatever goes wrong over HTTP is a problem with a stable code that says what to do (RFC 9457)."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.roles.chat.http.serving import Api, serving
from tests.roles.chat.running import direct

ROOM = f"/v1/conversations/{direct('ann', 'bob')}"
SEND = "/v1/direct/bob/messages"
HELLO = {"content": {"text": "hello"}}


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving(frame_bytes=2048, text_bytes=100) as ready:
        yield ready


PROBLEMS: list[tuple[str, str, dict[str, Any], int, str, str | None]] = [
    ("POST", SEND, {"content": b"{"}, 400, "invalid_frame", None),
    ("POST", SEND, {"content": b"\xff"}, 400, "invalid_frame", None),
    ("POST", SEND, {"content": b"[" * 2000}, 400, "invalid_field", None),
    ("POST", SEND, {"json": {"content": {"text": 5}}}, 400, "invalid_field", "content.text"),
    ("POST", SEND, {"json": {"content": {"text": " "}}}, 400, "invalid_field", "content.text"),
    ("POST", SEND, {"json": {"content": {"text": "x", "reply_to": 2**70}}}, 400, "invalid_field", "content.reply_to"),
    ("POST", SEND, {"json": {"content": {"text": "é" * 51}}}, 413, "content_too_large", "content.text"),
    ("POST", SEND, {"content": b" " * 3000}, 413, "content_too_large", None),
    ("POST", SEND, {"json": {**HELLO, "client_msg_id": "k" * 65}}, 400, "invalid_field", "client_msg_id"),
    ("POST", "/v1/conversations", {"json": {}}, 400, "invalid_field", None),
    ("POST", "/v1/conversations/5/messages", {"json": HELLO}, 400, "invalid_field", "conversation"),
    ("POST", f"{ROOM}/messages", {"json": HELLO}, 403, "not_a_member", "conversation"),
    ("GET", f"{ROOM}/messages", {}, 403, "not_a_member", "conversation"),
    ("GET", f"{ROOM}/messages?limit=201", {}, 400, "invalid_field", "limit"),
    ("GET", f"{ROOM}/messages?limit=many", {}, 400, "invalid_field", "limit"),
    ("GET", f"{ROOM}/messages?after=1&before=2", {}, 400, "invalid_field", "after"),
    ("GET", f"{ROOM}/messages/{2**70}/read-by", {}, 403, "not_a_member", "conversation"),
    ("PATCH", f"{ROOM}/messages/0", {"json": HELLO}, 400, "invalid_field", "seq"),
    ("GET", "/v1/conversations?page_token=%21", {}, 400, "invalid_field", "page_token"),
    ("GET", "/v1/nothing", {}, 404, "not_found", None),
    ("POST", "/v1/nothing", {}, 404, "not_found", None),
    ("GET", "/dev/token", {}, 404, "not_found", None),
    ("PUT", "/v1/conversations", {}, 405, "method_not_allowed", None),
    ("OPTIONS", "/v1/conversations", {}, 405, "method_not_allowed", None),
    ("POST", "/", {}, 405, "method_not_allowed", None),
]


@pytest.mark.parametrize(("method", "path", "options", "status", "code", "field"), PROBLEMS)
async def test_a_refusal_names_its_code_and_what_is_wrong(
    api: Api, method: str, path: str, options: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    answer = await api.call(method, path, **options)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert (problem["code"], problem.get("field")) == (code, field), problem
    assert problem["type"] == "about:blank"
    assert problem["detail"]
    assert problem["title"]
    assert problem["retryable"] is False


async def test_a_method_that_a_path_does_not_take_is_answered_with_all_that_it_takes(api: Api) -> None:
    answer = await api.call("PUT", f"{ROOM}/messages")
    assert {method.strip() for method in answer.headers["allow"].split(",")} >= {"GET", "POST"}


@pytest.mark.parametrize(("token", "code"), [("forged", "unauthenticated"), ("late", "token_expired")])
async def test_a_bad_token_is_answered_with_401(api: Api, token: str, code: str) -> None:
    answer = await api.call("GET", "/v1/conversations", token)
    assert (answer.status_code, answer.json()["code"]) == (httpx.codes.UNAUTHORIZED, code)


async def test_g6_who_asks_too_often_is_told_when_to_come_back_and_others_are_not() -> None:
    async with serving(sends_per_second=0.01, sends_burst=2) as api:
        statuses = [(await api.call("GET", "/v1/conversations")).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        refused = await api.call("GET", "/v1/conversations")
        assert (refused.json()["code"], refused.json()["retryable"]) == ("rate_limited", True)
        assert int(refused.headers["retry-after"]) * 1000 >= refused.json()["after_ms"] > 1000
        assert (await api.call("GET", "/v1/conversations", "bob")).status_code == httpx.codes.OK


async def test_g1_while_the_log_is_away_nothing_is_acknowledged(api: Api) -> None:
    await api.chat.backends.log.close()  # type: ignore[attr-defined]  # the embedded log can be closed
    answer = await api.call("POST", SEND, json=HELLO)
    assert (answer.status_code, answer.json()["code"]) == (httpx.codes.SERVICE_UNAVAILABLE, "unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_answers_are_kept_by_nobody_on_the_way(api: Api) -> None:
    for path in ("/v1/conversations", "/v1/nothing"):
        headers = (await api.call("GET", path)).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")

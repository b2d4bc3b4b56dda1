"""What the HTTP server serves beside the API: the web client, documents, health, and development tokens."""

from collections.abc import AsyncIterator

import httpx
import pytest

from parley.roles.chat.http.development import WARNING
from tests.roles.chat.http.serving import Api, serving


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving(allowed_origins=("https://friend.example",)) as ready:
        yield ready


@pytest.mark.parametrize("path", ["/", "/docs", "/app/main.js", "/openapi.json"])
async def test_pages_come_under_a_policy_that_lets_nothing_else_in(api: Api, path: str) -> None:
    answer = await api.call("GET", path, None)
    assert answer.status_code == httpx.codes.OK
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_browser_keeps_a_page_until_it_changes(api: Api) -> None:
    first = await api.call("GET", "/", None)
    again = await api.call("GET", "/", None, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (httpx.codes.NOT_MODIFIED, b"")
    other = await api.call("GET", "/", None, headers={"If-None-Match": '"older"'})
    assert other.content == first.content


@pytest.mark.parametrize("path", ["/../settings.py", "/%2e%2e/settings.py", "/app/../../settings.py", "/app"])
async def test_g7_nothing_beside_the_web_client_is_served(api: Api, path: str) -> None:
    answer = await api.client.send(httpx.Request("GET", f"http://parley{path}"))
    assert answer.status_code == httpx.codes.NOT_FOUND


async def test_only_pages_of_allowed_origins_may_read_the_api(api: Api) -> None:
    answers = [
        await api.call("GET", "/v1/conversations", headers={"Origin": origin})
        for origin in ("https://friend.example", "https://other.example")
    ]
    assert [answer.headers.get("access-control-allow-origin") for answer in answers] == ["https://friend.example", None]


async def test_readiness_names_what_is_not_ready(api: Api) -> None:
    assert (await api.call("GET", "/livez", None)).status_code == httpx.codes.OK
    assert (await api.call("GET", "/readyz", None)).json() == {"status": "ready", "not_ready": {}}
    await api.chat.backends.log.close()  # type: ignore[attr-defined]  # the embedded log can be closed
    answer = await api.call("GET", "/readyz", None)
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert list(answer.json()["not_ready"]) == ["log"]


async def test_metrics_count_requests_by_operation(api: Api) -> None:
    await api.call("GET", "/v1/conversations")
    text = (await api.call("GET", "/metrics", None)).text
    assert 'parley_http_requests_total{route="listConversations",status="200"}' in text


async def test_a_development_server_mints_tokens_and_says_so_loudly() -> None:
    async with serving(mint=True) as api:
        answer = await api.call("POST", "/dev/token", None, json={"user": "ann"})
        assert answer.json() == {"token": "token of ann", "warning": WARNING}
        assert answer.headers["x-parley-warning"] == WARNING
        refused = await api.call("POST", "/dev/token", None, json={"user": ""})
        assert (refused.status_code, refused.json()["field"]) == (httpx.codes.BAD_REQUEST, "user")

"""Who may open a socket, and how he is told that he may not."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from parley.contract import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from parley.protocol.client_frames import Hello
from parley.protocol.codec import JSON, MSGPACK, Codec
from parley.protocol.server_frames import Welcome
from tests.roles.gateway.running import Running, running


@pytest.fixture
async def gateway() -> AsyncIterator[Running]:
    async with running(allowed_origins=("https://chat.example",)) as gateway:
        yield gateway


async def refusal(gateway: Running, **options: Any) -> dict[str, object]:
    with pytest.raises(InvalidStatus) as caught:
        await gateway.connect(**options)
    response = caught.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, object] = json.loads(response.body or b"")
    assert problem["status"] == response.status_code
    return problem


@pytest.mark.parametrize("codec", [JSON, MSGPACK])
async def test_both_encodings_are_spoken(gateway: Running, codec: Codec) -> None:
    peer = await gateway.join("ann", codec=codec)
    assert peer.connection.subprotocol == codec.subprotocol


async def test_a_client_that_names_no_subprotocol_speaks_json(gateway: Running) -> None:
    peer = await gateway.connect(codec=None)
    await peer.say(Hello("ann", "phone"))
    assert (await peer.hear(Welcome)).user == "ann"


async def test_the_first_known_subprotocol_is_taken(gateway: Running) -> None:
    offered = [Subprotocol(name) for name in ("parley.v9", SUBPROTOCOL_MSGPACK, SUBPROTOCOL_JSON)]
    peer = await gateway.connect(subprotocols=offered)
    assert peer.connection.subprotocol == SUBPROTOCOL_MSGPACK


async def test_only_unknown_subprotocols_are_refused_with_the_known_ones(gateway: Running) -> None:
    problem = await refusal(gateway, subprotocols=[Subprotocol("parley.v9")])
    assert problem["code"] == "invalid_field"
    assert SUBPROTOCOL_JSON in str(problem["detail"])


@pytest.mark.parametrize("name", ["token", "access_token"])
async def test_a_token_in_the_query_is_refused(gateway: Running, name: str) -> None:
    problem = await refusal(gateway, url=f"{gateway.url}?{name}=secret")
    assert (problem["status"], problem["code"], problem["field"]) == (400, "invalid_field", name)
    assert "secret" not in str(problem)


async def test_another_path_is_not_found(gateway: Running) -> None:
    problem = await refusal(gateway, url=gateway.url.replace("/v1/connect", "/v2/connect"))
    assert (problem["status"], problem["code"]) == (404, "not_found")


async def test_a_page_of_another_origin_may_not_connect(gateway: Running) -> None:
    problem = await refusal(gateway, origin="https://evil.example")
    assert (problem["status"], problem["code"]) == (403, "origin_forbidden")
    problem = await refusal(gateway, origin="null")
    assert problem["code"] == "origin_forbidden"


async def test_an_allowed_origin_and_pages_of_the_own_host_may_connect(gateway: Running) -> None:
    for origin in ("https://chat.example", f"http://127.0.0.1:{gateway.role.port}"):
        await gateway.connect(origin=origin)


async def test_every_origin_may_connect_when_the_setting_says_so() -> None:
    async with running(allowed_origins=("*",)) as gateway:
        await gateway.connect(origin="https://anywhere.example")


async def test_health_is_answered_beside_the_socket(gateway: Running) -> None:
    for path, status in (("/livez", 200), ("/readyz", 200), ("/metrics", 200)):
        with pytest.raises(InvalidStatus) as caught:
            await gateway.connect(url=gateway.url.replace("/v1/connect", path))
        assert caught.value.response.status_code == status


async def test_compression_is_offered_only_when_it_is_set() -> None:
    for compression in (True, False):
        async with running(compression=compression) as gateway:
            peer = await gateway.join("ann", compression="deflate")
            assert bool(peer.connection.protocol.extensions) is compression

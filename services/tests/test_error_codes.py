"""Every code of the error table is produced by a test: most by a real platform, the rest by a role in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from parley.client import ErrorCode, ParleyClient, ParleyError
from parley.contract import DEADLETTER, INGRESS, SOCKET_PATH, TIMELINE
from parley.domain.errors import ERRORS
from parley.domain.identity import direct_conversation_id, partition_of
from parley.protocol.calls import Call
from parley.protocol.client_frames import Sync
from parley.protocol.server_frames import ErrorFrame
from parley.protocol.timeline import DeadLetter, Refused
from parley.roles.chat.main import build_service
from parley.roles.chat.pressure import Pressure
from parley.runtime.settings import load_settings
from tests.faults.raw_socket import greet, hear, raw_socket, say
from tests.patience import STILL_S
from tests.platform import Platform
from tests.roles.chat.running import Chat, running_chat

ROOM = direct_conversation_id("ann", "bob")
NOBODYS = direct_conversation_id("cho", "dan")
Scene = Callable[["Stage"], Awaitable[str]]
SCENES: dict[ErrorCode, Scene] = {}


class Stage:
    """A platform with a user, and a way to call it over HTTP."""

    def __init__(self, platform: Platform, http: httpx.AsyncClient) -> None:
        self.platform = platform
        self.http = http

    async def call(self, method: str, path: str, body: object = None, user: str = "ann", **options: Any) -> str:
        """The code of the problem that a request meets."""
        headers = {"Authorization": f"Bearer {self.platform.token(user)}"}
        options = {"headers": headers, "json": body, **options}
        answer = await self.http.request(method, f"{self.platform.url}{path}", **options)
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        assert answer.status_code == ERRORS[ErrorCode(problem["code"])].http_status == problem["status"]
        assert (answer.status_code in {429, 503}) == ("retry-after" in answer.headers)
        return str(problem["code"])

    def client(self, user: str = "ann") -> ParleyClient:
        """A connected client."""
        return ParleyClient(self.platform.url, self.platform.token(user), listen=False)


def scene(code: ErrorCode) -> Callable[[Scene], Scene]:
    """Declare what provokes a code."""

    def declare(function: Scene) -> Scene:
        SCENES[code] = function
        return function

    return declare


async def late_refusal(sent: Any) -> str:
    """The code of a change that is refused when its turn comes."""
    with pytest.raises(ParleyError) as refused:
        await (await sent).sequenced()
    return refused.value.code


@scene(ErrorCode.INVALID_FRAME)
async def _(stage: Stage) -> str:
    return await stage.call("POST", "/v1/conversations", content=b'{"title": ', json=None)


@scene(ErrorCode.UNKNOWN_FRAME)
async def _(stage: Stage) -> str:
    async with raw_socket(stage.platform) as socket:
        await greet(socket, stage.platform.token("ann"))
        await say(socket, {"type": "dance", "id": "1"})
        return str((await hear(socket, "error"))["code"])


@scene(ErrorCode.INVALID_FIELD)
async def _(stage: Stage) -> str:
    return await stage.call("GET", "/v1/conversations?limit=many")


@scene(ErrorCode.HELLO_REQUIRED)
async def _(stage: Stage) -> str:
    async with raw_socket(stage.platform) as socket:
        await say(socket, {"type": "ping", "id": "1"})
        return str((await hear(socket, "error"))["code"])


@scene(ErrorCode.UNAUTHENTICATED)
async def _(stage: Stage) -> str:
    return await stage.call("GET", "/v1/conversations", headers={})


@scene(ErrorCode.TOKEN_EXPIRED)
async def _(stage: Stage) -> str:
    expired = {"Authorization": f"Bearer {stage.platform.token('ann', seconds=-3600)}"}
    return await stage.call("GET", "/v1/conversations", headers=expired)


@scene(ErrorCode.ORIGIN_FORBIDDEN)
async def _(stage: Stage) -> str:
    with pytest.raises(InvalidStatus) as refused:
        await connect(stage.platform.url.replace("http", "ws") + SOCKET_PATH, origin="https://evil.example", proxy=None)  # type: ignore[arg-type]  # Origin is a NewType of str
    return str(msgspec.json.decode(refused.value.response.body)["code"])


@scene(ErrorCode.NOT_A_MEMBER)
async def _(stage: Stage) -> str:
    return await stage.call("GET", f"/v1/conversations/{NOBODYS}")


@scene(ErrorCode.FORBIDDEN)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        seq = await (await ann.send("mine", to="bob")).sequenced()
    body = {"content": {"text": "not yours"}}
    return await stage.call("PATCH", f"/v1/conversations/{ROOM}/messages/{seq}", body, user="bob")


@scene(ErrorCode.NOT_FOUND)
async def _(stage: Stage) -> str:
    return await stage.call("GET", "/v1/nothing")


@scene(ErrorCode.METHOD_NOT_ALLOWED)
async def _(stage: Stage) -> str:
    return await stage.call("DELETE", "/v1/conversations")


@scene(ErrorCode.MESSAGE_NOT_FOUND)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        await (await ann.send("here", to="bob")).sequenced()
    return await stage.call("DELETE", f"/v1/conversations/{ROOM}/messages/99999")


@scene(ErrorCode.MESSAGE_DELETED)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        seq = await (await ann.send("gone", to="bob")).sequenced()
        await (await ann.delete(ROOM, seq)).sequenced()
    return await stage.call("PUT", f"/v1/conversations/{ROOM}/messages/{seq}/reactions/x")


@scene(ErrorCode.ALREADY_EXISTS)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        created = await ann.create_group("Group", ("bob",))
        await created.sequenced()
        return await late_refusal(ann.add_members((await created).conversation, "bob"))


@scene(ErrorCode.GROUP_ONLY)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        await (await ann.send("here", to="bob")).sequenced()
    return await stage.call("PATCH", f"/v1/conversations/{ROOM}", {"title": "Us"})


@scene(ErrorCode.LAST_OWNER)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        created = await ann.create_group("Group", ("bob",))
        await created.sequenced()
        conversation = (await created).conversation
    return await stage.call("DELETE", f"/v1/conversations/{conversation}/members/ann")


@scene(ErrorCode.TOO_MANY_MEMBERS)
async def _(stage: Stage) -> str:
    members = [f"user{number}" for number in range(500)]
    return await stage.call("POST", "/v1/conversations", {"title": "All", "members": members})


@scene(ErrorCode.TOO_MANY_WATCHED)
async def _(stage: Stage) -> str:
    return await stage.call("GET", "/v1/presence?users=" + ",".join(f"u{number}" for number in range(1001)))


@scene(ErrorCode.CONTENT_TOO_LARGE)
async def _(stage: Stage) -> str:
    return await stage.call("POST", "/v1/direct/bob/messages", {"content": {"text": "x" * 17_000}})


@scene(ErrorCode.BATCH_TOO_LARGE)
async def _(stage: Stage) -> str:
    members = [f"user{number}" for number in range(501)]
    return await stage.call("POST", "/v1/conversations", {"title": "All", "members": members})


@scene(ErrorCode.ID_REUSED)
async def _(stage: Stage) -> str:
    async with stage.client() as ann:
        await (await ann.send("one", to="bob", client_msg_id="reused")).sequenced()
        return await late_refusal(ann.send("two", to="bob", client_msg_id="reused"))


@scene(ErrorCode.RATE_LIMITED)
async def _(stage: Stage) -> str:
    # One that allows so little that nobody is too slow to meet its limit.
    limits = {"PARLEY_SENDS_PER_SECOND": "0.001", "PARLEY_SENDS_BURST": "1"}
    strict = Platform(stage.platform.data.parent / "strict", limits).start()
    try:
        url, headers = f"{strict.url}/v1/presence?users=bob", {"Authorization": f"Bearer {strict.token('hurried')}"}
        assert (await stage.http.get(url, headers=headers)).status_code == httpx.codes.OK
        answer = await stage.http.get(url, headers=headers)
    finally:
        strict.kill()
    assert int(answer.headers["retry-after"]) >= 1
    return str(answer.json()["code"])


@scene(ErrorCode.OVERLOADED)
async def _(_stage: Stage) -> str:
    async with running_chat() as chat:
        pressure = Pressure(chat.backends.log, limit_s=-1.0)
        service = build_service(chat.backends, load_settings(), pressure)
        await pressure.look()
        frame = (await service.call([Call("ann", "phone", chat.send("x", to="bob"))]))[0].frame
        assert isinstance(frame, ErrorFrame)
        assert frame.after_ms is not None
        return frame.code


@scene(ErrorCode.UNAVAILABLE)
async def _(_stage: Stage) -> str:
    async with running_chat() as chat:
        await chat.backends.close()
        return (await chat.refused("ann", chat.send("x", to="bob"))).code


@scene(ErrorCode.POISON)
async def _(_stage: Stage) -> str:
    async with running_chat() as chat:
        return (await poisoned(chat)).code


@scene(ErrorCode.INTERNAL)
async def _(_stage: Stage) -> str:
    async with running_chat() as chat:
        broken = msgspec.structs.replace(Sync("id", NOBODYS), limit="many")
        return (await chat.refused("ann", broken)).code


async def poisoned(chat: Chat) -> Refused:
    """What the timeline tells of a record whose body nobody can read; the sequence goes on behind it."""
    log = chat.backends.log
    partition = partition_of(ROOM, await log.partitions(INGRESS.name))
    envelope = {"conversation": ROOM, "sender": "ann", "client_msg_id": "bad", "body": {"kind": "riddle"}}
    await log.append(INGRESS.name, partition, [b"\xff garbage", msgspec.msgpack.encode(envelope)])
    await chat.say("ann", "after it", to="bob")
    letters = (await log.consumer(DEADLETTER.name, "test").poll(10, 5.0)).records
    causes = [msgspec.msgpack.decode(record.value, type=DeadLetter).cause for record in letters]
    assert len(causes) == 2
    assert all("undecodable" in cause for cause in causes)
    assert [entry.seq for entry in (await chat.page("bob", ROOM)).messages] == [1]
    events = (await log.consumer(TIMELINE.name, "test").poll(10, 5.0)).records
    found = [msgspec.msgpack.decode(record.value) for record in events]
    (refused,) = [event for event in found if event["type"] == "refused"]
    return msgspec.convert(refused, Refused)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = Platform(tmp_path_factory.mktemp("errors") / "data", {"PARLEY_LOG_LEVEL": "error"}).start()
    yield running
    running.kill()


@pytest.fixture
async def stage(platform: Platform) -> AsyncIterator[Stage]:
    async with httpx.AsyncClient(timeout=STILL_S) as http:
        yield Stage(platform, http)


@pytest.mark.parametrize("code", list(ErrorCode))
async def test_every_code_of_the_table_can_be_met(stage: Stage, code: ErrorCode) -> None:
    assert code in SCENES, f"no test produces {code}"
    assert await SCENES[code](stage) == code


def test_the_table_holds_every_code() -> None:
    assert set(ERRORS) == set(ErrorCode)

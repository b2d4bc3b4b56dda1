"""Kafka with SASL and TLS, Cassandra with a password and TLS, Redis with an ACL user and TLS: the real servers."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, _scram
from e2e.backends.backends import Backends as Servers
from e2e.backends.security import Security
from e2e.platform.roles_platform import RolesPlatform

from parley.adapters.connect import connect
from parley.adapters.jwt.mint import mint_token
from parley.cli.front import serve_front
from parley.client import ParleyClient, PresenceEvent
from parley.contract import INGRESS
from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.backends import Backends
from parley.runtime.settings import load_settings
from tests.patience import STILL_S

pytestmark = [pytest.mark.servers, pytest.mark.slow]
NEW = "another password"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Servers, Security]]:
    folder = tmp_path_factory.mktemp("secured")
    security = Security(folder / "security").make()
    servers = Servers(folder, security=security)
    try:
        servers.up()
        RolesPlatform(folder / "prepared", servers.environment()).prepare()
        yield servers, security
    finally:
        servers.down()


def values_of(servers: Servers, **changes: str) -> dict[str, str]:
    """The settings as `load_settings` takes them."""
    return {name.removeprefix("PARLEY_").lower(): value for name, value in servers.environment().items()} | changes


@asynccontextmanager
async def connected(servers: Servers, **changes: str) -> AsyncIterator[Backends]:
    backends = await connect(load_settings(**values_of(servers, **changes)))
    try:
        yield backends
    finally:
        await backends.close()


async def use_everything(backends: Backends) -> None:
    """One write to each server, and one read."""
    await backends.log.append(INGRESS.name, 0, [b"hello"])
    assert await backends.log.end(INGRESS.name, 0) > 0
    await backends.profiles.seen({"visitor": 1_700_000_000_000})
    assert (await backends.profiles.profiles(["visitor"]))["visitor"].last_seen == 1_700_000_000_000
    for check in backends.checks.values():
        await check()


async def test_a_message_travels_over_encrypted_and_authenticated_connections(
    secured: tuple[Servers, Security], tmp_path: Path
) -> None:
    servers, _ = secured
    platform = RolesPlatform(tmp_path, servers.environment() | {"PARLEY_PRESENCE_GRACE_MS": "1000"})
    try:
        await asyncio.to_thread(platform.start)
        async with await serve_front("127.0.0.1", 0, platform.socket_servers, platform.http_servers) as front:
            url = f"http://127.0.0.1:{front.sockets[0].getsockname()[1]}"
            async with ParleyClient(url, token_of(platform, "ann")) as ann:
                sent = await ann.send("behind three locks", to="ben")
                place = (await sent).conversation
                await sent.sequenced()
                page = await ann.page(place)
                await _sees_come_and_go(ann, ParleyClient(url, token_of(platform, "ben")))
            assert [entry.content.text for entry in page.messages if entry.content] == ["behind three locks"]
    finally:
        await asyncio.to_thread(platform.stop)


def token_of(platform: RolesPlatform, user: str) -> str:
    return mint_token(platform.secret, user, expires_at_s=int(time.time()) + 3600)


async def _sees_come_and_go(ann: ParleyClient, ben: ParleyClient) -> None:
    """Presence takes gateway, chat and the presence role to work together."""
    assert (await ann.watch("ben"))["ben"].online is False
    events = ann.events()
    async with asyncio.timeout(STILL_S), ben:
        async for event in events:
            if isinstance(event, PresenceEvent) and event.users["ben"].online:
                break
    async with asyncio.timeout(STILL_S):
        async for event in events:
            if isinstance(event, PresenceEvent) and not event.users["ben"].online:
                break


@pytest.mark.parametrize("part", ["log", "store", "registry"])
async def test_a_wrong_password_is_said_with_the_server_and_the_setting(
    secured: tuple[Servers, Security], part: str
) -> None:
    with pytest.raises(ParleyError) as caught:
        async with connected(secured[0], **{f"{part}_password": "wrong"}) as backends:
            await use_everything(backends)
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert f"PARLEY_{part.upper()}_PASSWORD" in str(caught.value)


@pytest.mark.parametrize("part", ["log", "store", "registry"])
async def test_a_server_whose_certificate_nobody_vouches_for_is_not_talked_to(
    secured: tuple[Servers, Security], part: str, tmp_path: Path
) -> None:
    stranger = Security(tmp_path).make()
    with pytest.raises(ParleyError) as caught:
        async with connected(secured[0], **{f"{part}_ca_file": str(stranger.ca_file)}) as backends:
            await use_everything(backends)
    assert caught.value.code is ErrorCode.UNAVAILABLE


async def test_a_password_that_is_changed_on_the_servers_and_in_the_files_is_taken_without_a_restart(
    secured: tuple[Servers, Security], tmp_path: Path
) -> None:
    servers, security = secured
    files = {part: tmp_path / part for part in ("log", "store", "registry")}
    for part, file in files.items():
        file.write_text(values_of(servers)[f"{part}_password"])
    async with connected(servers, **{f"{part}_password_file": str(file) for part, file in files.items()}) as backends:
        await use_everything(backends)
        await asyncio.to_thread(_change_passwords, servers, security)
        for file in files.values():
            file.write_text(NEW)
        await asyncio.to_thread(_drop_connections, servers)
        await _healed(backends)


def _change_passwords(servers: Servers, security: Security) -> None:
    admin = AdminClient(servers.kafka.client_configuration(servers.kafka.addresses))
    mechanism = _scram.ScramCredentialInfo(_scram.ScramMechanism.SCRAM_SHA_512, 4096)
    change = _scram.UserScramCredentialUpsertion(security.user, mechanism, NEW.encode())
    for future in admin.alter_user_scram_credentials([change]).values():
        future.result()
    with servers.redis.connect() as redis:
        redis.acl_setuser(security.user, enabled=True, reset_passwords=True, passwords=[f"+{NEW}"])
    cluster = servers.cassandra.connect()
    cluster.connect().execute(f"ALTER ROLE {security.cassandra_user} WITH PASSWORD = '{NEW}'")
    cluster.shutdown()
    security.password = security.cassandra_password = NEW


def _drop_connections(servers: Servers) -> None:
    """End every open connection, so that only the new password opens another."""
    with servers.redis.connect() as redis:
        redis.client_kill_filter(_type="normal", skipme=False)
    for engine in (servers.kafka, servers.cassandra):
        engine.stop()
        engine.start()
        engine.wait_ready()


async def _healed(backends: Backends) -> None:
    deadline = time.monotonic() + STILL_S
    while True:
        try:
            return await use_everything(backends)
        except ParleyError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)

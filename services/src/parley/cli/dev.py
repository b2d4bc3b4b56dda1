"""The whole platform in one process, wired through the same ports as in production."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click
from pydantic import SecretStr

from parley.adapters.connect import connect, data_directory
from parley.adapters.development import development_secret
from parley.cli.front import Admit, serve_front
from parley.cli.single_role import minting
from parley.cli.supervision import run_in_stages, stop_on_signals
from parley.contract import ENVIRONMENT_PREFIX
from parley.domain.errors import ErrorCode, ParleyError
from parley.roles.chat.main import build as build_chat
from parley.roles.fanout.main import build as build_fanout
from parley.roles.gateway.main import build as build_gateway
from parley.roles.presence.main import build as build_presence
from parley.roles.receipts.main import build as build_receipts
from parley.roles.sequencer.main import build as build_sequencer
from parley.runtime.backends import Backends
from parley.runtime.collection import collect_seldom
from parley.runtime.health import Health
from parley.runtime.logs import configure_logs
from parley.runtime.role import Role
from parley.runtime.settings import Settings, load_settings
from parley.runtime.tracing import exporting

IN_MEMORY: Final = ":memory:"
_DRAIN_MS: Final = 2_000


async def run_platform(host: str, port: int, data: str) -> None:
    """Serve until a signal; then drain the gateway first and the rest after it."""
    settings = _settings(host, port, data)
    configure_logs(settings.log_level, settings.log_format)
    stop = stop_on_signals()
    with exporting("parley", settings.node_name), tempfile.TemporaryDirectory(prefix="parley-") as folder:
        async with _connected(settings) as backends:
            await _serve(backends, settings, Path(folder), data, stop)


def _settings(host: str, port: int, data: str) -> Settings:
    """The environment's settings with the command's options, and a secret to sign tokens with if it names none.

    A person who presses Ctrl-C waits for browsers to leave for two seconds at most, unless he set it otherwise.
    """
    hurried = {} if f"{ENVIRONMENT_PREFIX}DRAIN_MS" in os.environ else {"drain_ms": _DRAIN_MS}
    settings = load_settings(
        **hurried,
        host=host,
        port=port,
        log_url=f"sqlite:{data}",
        store_url=f"sqlite:{data}",
        registry_url="memory:",
        development=True,
    )
    secret = development_secret(settings, data_directory(settings.store_url))
    return settings.model_copy(update={"jwt_secret": SecretStr(secret)}) if secret else settings


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Backends]:
    backends = await connect(settings)
    try:
        yield backends
    finally:
        await backends.close()


async def _serve(backends: Backends, settings: Settings, folder: Path, data: str, stop: asyncio.Event) -> None:
    """Start the roles behind one port; their own servers listen on unix sockets that nobody else can open."""
    socket_server, http_server = str(folder / "gateway"), str(folder / "chat")
    others: list[Role] = [build_fanout(backends, settings), build_receipts(backends, settings)]
    others += [build_presence(backends, settings), build_sequencer(backends)]
    roles: list[Role] = list(others)
    health = Health(backends, roles)
    chat = build_chat(backends, settings, health, mint=minting(settings), unix_path=http_server)
    gateway = build_gateway(backends, settings, chat.service, backends.profiles, health, unix_path=socket_server)
    roles += [chat, gateway]
    front = await _listen(settings, gateway.doorway.admit, http_server)
    collect_seldom()
    _announce(settings.host, front.sockets[0].getsockname()[1], data)
    async with front:
        await run_in_stages([[gateway], [chat], others], stop)


async def _listen(settings: Settings, admit: Admit, http_server: str) -> asyncio.Server:
    try:
        return await serve_front(settings.host, settings.port, admit, [http_server])
    except OSError as error:
        text = (
            f"cannot listen on {settings.host}:{settings.port}: {os.strerror(error.errno or 0)}. "
            "Choose another --port, or 0 for a free one"
        )
        raise ParleyError(ErrorCode.UNAVAILABLE, text, field="port") from None


def _announce(host: str, port: int, data: str) -> None:
    url = f"http://{host}:{port}"
    kept, token = str(Path(data).resolve()), f"parley token NAME --data {data}"
    if data == IN_MEMORY:
        kept, token = "nowhere: it is lost at the end", f'curl -d \'{{"user": "NAME"}}\' {url}/dev/token'
    click.echo(f"Parley runs at {url}")
    click.echo("  chat:    open it in two browser windows and sign in with two names")
    click.echo(f"  token:   {token}")
    click.echo(f"  data:    {kept}")
    click.echo("  DEVELOPMENT MODE: everybody who reaches this port can be anybody. Ctrl-C drains and stops.")

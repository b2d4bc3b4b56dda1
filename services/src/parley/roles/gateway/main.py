"""Puts a gateway together and runs it from the first listen to the end of its drain."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from websockets.asyncio.server import Server, ServerConnection

from parley.domain.errors import ParleyError
from parley.ports.chat import Chat
from parley.ports.profiles import ProfileReader
from parley.ports.registry import Gateway
from parley.roles.gateway.assembly import assemble
from parley.roles.gateway.client import Client
from parley.roles.gateway.doorway import Doorway
from parley.roles.gateway.drain import drain
from parley.roles.gateway.gateway_socket import CLOSE_S, GatewaySocket
from parley.roles.gateway.handshake import Handshake, codec_of
from parley.runtime.backends import Backends
from parley.runtime.health import Health
from parley.runtime.settings import Settings

_SETTLE_S: Final = 5.0

_log: Final = structlog.get_logger()


def build(
    backends: Backends,
    settings: Settings,
    chat: Chat,
    profiles: ProfileReader,
    health: Health,
    *,
    unix_path: str | None = None,
) -> "GatewayRole":
    """Wire a gateway that listens on the settings' host and port, or on a unix socket, and lets `chat` answer."""
    return GatewayRole(backends, settings, chat, profiles, health, unix_path)


class GatewayRole:
    """One incarnation of a gateway; a restart makes a new one, and the entries of this one are dead then."""

    name = "gateway"

    def __init__(
        self,
        backends: Backends,
        settings: Settings,
        chat: Chat,
        profiles: ProfileReader,
        health: Health,
        unix_path: str | None,
    ) -> None:
        """Connect nothing yet."""
        self._settings = settings
        self.doorway = Doorway(Handshake(health, settings.allowed_origins), settings, unix_path)
        self._channels = backends.channels
        self.gateway = Gateway(settings.node_name or socket.gethostname(), secrets.token_hex(8))
        self.parts = assemble(self.gateway, backends, settings, chat, profiles)
        self.serving = asyncio.Event()
        self._draining = False
        self._server: Server | None = None

    @property
    def port(self) -> int:
        """The TCP port that is listened on, once `serving` is set."""
        if self._server is None:
            message = "the gateway does not listen yet"
            raise RuntimeError(message)
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    def not_ready(self) -> str | None:
        """A gateway that drains gets no new clients; one without a lease would not be found."""
        if self._draining:
            return "the gateway drains"
        if not self.serving.is_set():
            return "the gateway does not listen yet"
        return self.parts.lease.trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`, then drain. The reader stands before anybody is registered."""
        await _unless(stop, self.parts.deliveries.begin())
        if stop.is_set():
            return
        await self.parts.lease.take()
        self._server = await self.doorway.open(self._serve_client)
        tasks = [
            asyncio.create_task(work)
            for work in (
                self.parts.deliveries.run(),
                self.parts.lease.keep(),
                self.parts.rounds.run(),
                self._watch_silence(),
            )
        ]
        self.serving.set()
        _log.info("gateway serves", gateway=self.gateway.name, incarnation=self.gateway.incarnation)
        try:
            await _until(stop, tasks)
        finally:
            await self._end(self._server, tasks)

    async def _serve_client(self, connection: ServerConnection) -> None:
        if isinstance(connection, GatewaySocket):
            connection.forget_handshake()
            await Client(self.parts.context, connection, codec_of(connection), secrets.token_hex(8)).run()

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.parts.deliveries.watch_silence()

    async def _end(self, server: Server, tasks: list[asyncio.Task[None]]) -> None:
        """Drain, then leave no trace in registry and channels; presence hears of nobody who returns in time."""
        self._draining = True
        server.close(close_connections=False)
        await drain(self.parts.context, self._settings.drain_ms, self._settings.drain_per_second)
        with contextlib.suppress(TimeoutError):  # whoever connected and never asked for anything
            async with asyncio.timeout(CLOSE_S + 1):
                await server.wait_closed()
        await self._settle()
        self.parts.resyncing.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.parts.lease.release()
        with contextlib.suppress(ParleyError):
            await self._channels.drop(self.gateway.name)
        _log.info("gateway ended", gateway=self.gateway.name)

    async def _settle(self) -> None:
        """Let marks, calls, the registry and the boards have what was still on its way, within a short time."""
        context = self.parts.context
        context.marks.flush()
        context.watching.stop()
        convergences = (context.enrolment.convergence, self.parts.arrivals.convergence, context.watching.convergence)
        try:
            async with asyncio.timeout(_SETTLE_S):
                await context.lanes.settle()
                for convergence in convergences:
                    await convergence.settle()
        except TimeoutError:
            _log.warning("not everything was passed on before the end", gateway=self.gateway.name)
        for convergence in convergences:
            convergence.close()


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, or give it up when told to stop."""
    waiting = asyncio.create_task(stop.wait())
    working = asyncio.create_task(work)
    await asyncio.wait([waiting, working], return_when=asyncio.FIRST_COMPLETED)
    for task in (waiting, working):
        task.cancel()
    await asyncio.gather(waiting, working, return_exceptions=True)


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for `stop`, and fail if a task that should run for ever fails first."""
    waiting = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {waiting}:
            await task
    finally:
        waiting.cancel()

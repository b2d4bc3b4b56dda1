"""Puts a gateway together and runs it from the first listen to the end of its drain."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve

from parley.ports.chat import Chat
from parley.ports.registry import Gateway
from parley.protocol.vigil import Timing
from parley.roles.gateway.arrivals import Arrivals
from parley.roles.gateway.client import Client
from parley.roles.gateway.context import Context
from parley.roles.gateway.deliveries import Deliveries
from parley.roles.gateway.directory import Directory
from parley.roles.gateway.drain import drain
from parley.roles.gateway.enrolment import Enrolment
from parley.roles.gateway.gateway_socket import READ_QUEUE, WRITE_HIGH, WRITE_LOW, GatewaySocket
from parley.roles.gateway.handshake import Handshake, codec_of
from parley.roles.gateway.lanes import Lanes
from parley.roles.gateway.lease import Lease
from parley.roles.gateway.marks import MarkMerger
from parley.roles.gateway.resync import Resyncing
from parley.roles.gateway.rounds import Rounds
from parley.roles.gateway.watching import Watching
from parley.runtime.backends import Backends
from parley.runtime.health import Health
from parley.runtime.settings import Settings

_CLOSE_S: Final = 5.0
"""A client that does not answer a close is cut off after this time."""

_BACKLOG: Final = 1024

_log: Final = structlog.get_logger()


def build(
    backends: Backends, settings: Settings, chat: Chat, health: Health, *, unix_path: str | None = None
) -> "GatewayRole":
    """Wire a gateway that listens on the settings' host and port, or on a unix socket, and lets `chat` answer."""
    return GatewayRole(backends, settings, chat, health, unix_path)


class GatewayRole:
    """One incarnation of a gateway; a restart makes a new one, and the entries of this one are dead then."""

    name = "gateway"

    def __init__(
        self, backends: Backends, settings: Settings, chat: Chat, health: Health, unix_path: str | None
    ) -> None:
        """Connect nothing yet."""
        self._settings = settings
        self._unix_path = unix_path
        self._handshake = Handshake(health, settings.allowed_origins)
        self._channels = backends.channels
        self.gateway = Gateway(settings.node_name or socket.gethostname(), secrets.token_hex(8))
        limits, timeout_s = settings.limits(), settings.call_timeout_ms / 1000
        directory = Directory(limits)
        self._resyncing = Resyncing(directory)
        self._arrivals = Arrivals(
            backends.presence,
            backends.profiles,
            backends.channels,
            backends.clock,
            directory,
            settings.presence_grace_ms,
        )
        watching = Watching(self.gateway.name, backends.presence, backends.registry, backends.profiles, timeout_s)
        enrolment = Enrolment(
            self.gateway,
            backends.registry,
            backends.channels,
            backends.clock,
            directory,
            self._arrivals,
            self._resyncing,
        )
        lanes = Lanes(chat, settings.partitions, timeout_s)
        self.context = Context(
            settings, limits, _timing(settings), backends.clock, backends.tokens, lanes,
            MarkMerger(lanes, settings.receipts_merge_ms / 1000), directory, enrolment, watching,
        )  # fmt: skip
        self._lease = Lease(self.gateway, backends.registry, settings.lease_ms, enrolment, watching, self._resyncing)
        self._deliveries = Deliveries(
            self.gateway.name, backends.channels, backends.clock, directory, watching, self._resyncing
        )
        self._rounds = Rounds(directory, backends.clock, _round_s(settings))
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
        return self._lease.trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`, then drain. The reader stands before anybody is registered."""
        await _unless(stop, self._deliveries.begin())
        if stop.is_set():
            return
        await self._lease.take()
        self._server = await self._listen()
        tasks = [
            asyncio.create_task(work)
            for work in (self._deliveries.run(), self._lease.keep(), self._rounds.run(), self._watch_silence())
        ]
        self.serving.set()
        _log.info("gateway serves", gateway=self.gateway.name, incarnation=self.gateway.incarnation)
        try:
            await _until(stop, tasks)
        finally:
            await self._end(self._server, tasks)

    async def _listen(self) -> Server:
        options: dict[str, Any] = {
            "process_request": self._handshake.process_request,
            "select_subprotocol": self._handshake.select_subprotocol,
            "subprotocols": None,
            "compression": "deflate" if self._settings.compression else None,
            "server_header": None,
            "open_timeout": self._settings.hello_timeout_ms / 1000,
            "ping_interval": None,
            "close_timeout": _CLOSE_S,
            "max_size": self._settings.frame_bytes,
            "max_queue": READ_QUEUE,
            "write_limit": (WRITE_HIGH, WRITE_LOW),
            "create_connection": GatewaySocket,
            "backlog": _BACKLOG,
        }
        if self._unix_path is not None:
            return await unix_serve(self._serve_client, self._unix_path, **options)
        return await serve(self._serve_client, self._settings.host, self._settings.port, **options)

    async def _serve_client(self, connection: ServerConnection) -> None:
        if isinstance(connection, GatewaySocket):
            await Client(self.context, connection, codec_of(connection), secrets.token_hex(8)).run()

    async def _watch_silence(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._deliveries.watch_silence()

    async def _end(self, server: Server, tasks: list[asyncio.Task[None]]) -> None:
        """Drain, then leave no trace in registry and channels; presence hears of nobody who returns in time."""
        self._draining = True
        server.close(close_connections=False)
        await drain(self.context, server, self._settings.drain_ms)
        await server.wait_closed()
        self.context.marks.flush()
        await self.context.lanes.settle()
        self.context.watching.stop()
        for convergence in (
            self.context.enrolment.convergence,
            self._arrivals.convergence,
            self.context.watching.convergence,
        ):
            await convergence.settle()
            convergence.close()
        self._resyncing.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._lease.release()
        with contextlib.suppress(Exception):
            await self._channels.drop(self.gateway.name)
        _log.info("gateway ended", gateway=self.gateway.name)


def _timing(settings: Settings) -> Timing:
    return Timing(
        heartbeat_s=settings.heartbeat_ms / 1000,
        hello_timeout_s=settings.hello_timeout_ms / 1000,
        stall_timeout_s=settings.stall_timeout_ms / 1000,
        grace_s=settings.jwt_leeway_ms / 1000,
    )


def _round_s(settings: Settings) -> float:
    """Often enough for the shortest of the times that are watched, and never more than once a second needlessly."""
    shortest = min(settings.heartbeat_ms, settings.hello_timeout_ms, settings.stall_timeout_ms)
    return min(1.0, max(0.01, shortest / 4000))


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

"""The chat role: the Chat Service, and the HTTP server in front of it."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import uvicorn
from typing_extensions import override

from parley.roles.chat.acceptance import Acceptance
from parley.roles.chat.admission import Admission
from parley.roles.chat.conversation_lists import ConversationLists, Readers
from parley.roles.chat.conversation_views import ConversationViews
from parley.roles.chat.entry_pages import EntryPages
from parley.roles.chat.http.application import application
from parley.roles.chat.http.development import TokenMint
from parley.roles.chat.http.internal import InternalCalls
from parley.roles.chat.membership_view import MembershipView
from parley.roles.chat.presence import Signals
from parley.roles.chat.pressure import Pressure
from parley.roles.chat.receipts import ReceiptIntake, ReceiptQuestions
from parley.roles.chat.recent_conversations import RecentConversations
from parley.roles.chat.service import ChatService
from parley.roles.chat.turnstile import Turnstiles
from parley.runtime.backends import Backends
from parley.runtime.companions import with_companions
from parley.runtime.health import Health
from parley.runtime.internal_secret import InternalSecret
from parley.runtime.listening import listening_socket
from parley.runtime.settings import Settings

_DRAIN_S: Final = 5
_KEPT_S: Final = 75


def build(
    backends: Backends,
    settings: Settings,
    health: Health,
    *,
    mint: Callable[[str], str] | None = None,
    unix_path: str | None = None,
    secret: InternalSecret | None = None,
) -> "ChatRole":
    """Wire the role; it listens on the settings' host and port, or on a unix socket.

    With `secret` it also listens on the internal port, for gateways that are other processes. `mint` signs development
    tokens; without it `/dev/token` does not exist.
    """
    pressure = Pressure(backends.log)
    service = build_service(backends, settings, pressure)
    app = application(
        service,
        backends.tokens,
        backends.clock,
        health,
        settings,
        TokenMint(mint) if mint and settings.development else None,
    )
    servers = [_server(app, settings.host, settings.port, "port", unix_path)]
    if secret is not None:
        calls = InternalCalls(service, backends.profiles, secret)
        servers.append(_server(calls, settings.internal_host, settings.internal_port, "internal_port"))
    return ChatRole(service, pressure, servers)


def _server(
    app: Any,  # noqa: ANN401
    host: str,
    port: int,
    field: str,
    unix_path: str | None = None,
) -> "_Server":
    """A server on an address that the setting `field` names, or on a unix socket."""
    config = uvicorn.Config(
        app,
        uds=unix_path,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEPT_S,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    return _Server(config, None if unix_path else (host, port, field))


def build_service(backends: Backends, settings: Settings, pressure: Pressure) -> ChatService:
    """Wire the Chat Service alone."""
    limits = settings.limits()
    reader = backends.reader
    view = MembershipView(reader, backends.clock)
    pages = EntryPages(reader, view, limits)
    views = ConversationViews(reader, backends.watermarks, limits)
    recent = RecentConversations(backends.resume_cache, reader, backends.inbox)
    return ChatService(
        Acceptance(backends, Admission(backends, view, limits), pressure, limits),
        ConversationLists(Readers(backends.inbox, recent, view, views, pages), limits),
        pages,
        ReceiptQuestions(reader, backends.watermarks, view, limits),
        ReceiptIntake(backends.log),
        Signals(backends, view, limits, settings.presence_grace_ms),
        Turnstiles(settings.questions_at_once),
    )


class ChatRole:
    """Serves HTTP, to people and to gateways; lends its service to a gateway in the same process."""

    name = "chat"

    def __init__(self, service: ChatService, pressure: Pressure, servers: "Sequence[_Server]") -> None:
        """Nothing listens before `run`."""
        self.service = service
        self._pressure = pressure
        self._servers = servers

    def not_ready(self) -> str | None:
        """Whether the HTTP servers listen."""
        return None if all(server.started for server in self._servers) else "the HTTP server does not listen yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop; requests under way are answered."""
        await with_companions(stop, self._serve, self._pressure.watch(stop))

    async def _serve(self, stop: asyncio.Event) -> None:
        serving = [asyncio.create_task(server.listen()) for server in self._servers]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([*serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            for server in self._servers:
                server.should_exit = True
            await asyncio.gather(*serving)


class _Server(uvicorn.Server):
    """Leaves signals to the process, which stops its roles in an order of its own."""

    def __init__(self, config: uvicorn.Config, address: tuple[str, int, str] | None) -> None:
        super().__init__(config)
        self._address = address

    async def listen(self) -> None:
        """Serve until told to exit; raises ParleyError when the address cannot be listened on."""
        await self.serve([listening_socket(*self._address)] if self._address else None)

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

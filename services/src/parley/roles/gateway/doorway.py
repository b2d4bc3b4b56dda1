"""How connections come in: from a listening socket of our own, or handed over by a front in the same process."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection, serve, unix_serve
from websockets.extensions.permessage_deflate import enable_server_permessage_deflate
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from parley.roles.gateway.gateway_socket import CLOSE_S, READ_QUEUE, WRITE_HIGH, WRITE_LOW, GatewaySocket
from parley.roles.gateway.handshake import Handshake
from parley.roles.gateway.write_turn import WriteTurn
from parley.runtime.listening import listening_socket
from parley.runtime.settings import Settings

_BACKLOG: Final = 1024


class Doorway:
    """One server for both ways: it alone counts the connections and ends them."""

    def __init__(self, handshake: Handshake, settings: Settings, unix_path: str | None) -> None:
        """Listen on the settings' host and port, or on a unix socket, once `open` is called."""
        self._handshake = handshake
        self._settings = settings
        self._unix_path = unix_path
        self._server: Server | None = None
        self._turn: WriteTurn | None = None
        self._connection: dict[str, Any] = {
            "ping_interval": None,
            "close_timeout": CLOSE_S,
            "max_queue": READ_QUEUE,
            "write_limit": (WRITE_HIGH, WRITE_LOW),
        }

    async def open(self, serve_client: Callable[[ServerConnection], Awaitable[None]]) -> Server:
        """Listen, and serve every connection with this handler."""
        turn = self._turn = WriteTurn(asyncio.get_running_loop())
        options: dict[str, Any] = {
            **self._connection,
            "process_request": self._handshake.process_request,
            "select_subprotocol": self._handshake.select_subprotocol,
            "compression": "deflate" if self._settings.compression else None,
            "server_header": None,
            "open_timeout": self._settings.hello_timeout_ms / 1000,
            "max_size": self._settings.frame_bytes,
            "create_connection": partial(GatewaySocket, turn),
            "backlog": _BACKLOG,
        }
        if self._unix_path is not None:
            self._server = await unix_serve(serve_client, self._unix_path, **options)
        else:
            listening = listening_socket(self._settings.host, self._settings.port, "port")
            self._server = await serve(serve_client, sock=listening, **options)
        return self._server

    def admit(self) -> GatewaySocket | None:
        """A protocol for a connection that somebody else accepted; None while the gateway does not listen.

        So the bytes of clients need not be relayed through a second connection within the same process.
        """
        server, turn = self._server, self._turn
        if server is None or turn is None or not server.is_serving():
            return None

        def select(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
            return self._handshake.select_subprotocol(connection, offered)

        protocol = ServerProtocol(
            extensions=enable_server_permessage_deflate(None) if self._settings.compression else None,
            select_subprotocol=select,
            max_size=self._settings.frame_bytes,
            logger=server.logger,
        )
        connection = GatewaySocket(turn, protocol, server, **self._connection)
        return connection

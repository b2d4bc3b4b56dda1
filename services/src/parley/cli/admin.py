"""The port of probes and metrics that every role has."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import uvicorn
from typing_extensions import override

from parley.contract import LIVENESS_PATH, METRICS_PATH, READINESS_PATH
from parley.runtime.health import Health, HealthAnswer
from parley.runtime.listening import listening_socket
from parley.runtime.settings import Settings


class AdminRole:
    """Answers the three paths on the admin port for as long as the process runs."""

    name = "admin"

    def __init__(self, health: Health, settings: Settings) -> None:
        """Listen at `run`."""
        self._settings = settings
        config = uvicorn.Config(
            _Answers(health), http="httptools", ws="none",
            lifespan="off", log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = _Server(config)

    def not_ready(self) -> str | None:
        """Whether it listens."""
        return None if self._server.started else "the admin port does not listen yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop; raises ParleyError when the port is taken."""
        listening = listening_socket(self._settings.admin_host, self._settings.admin_port, "admin_port")
        serving = asyncio.create_task(self._server.serve([listening]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        self._server.should_exit = True
        stopping.cancel()
        await serving


class _Answers:
    """An ASGI application of three paths."""

    def __init__(self, health: Health) -> None:
        self._health = health

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        del receive
        answer = await self._health.answer(scope["path"])
        if answer is None:
            known = f"{LIVENESS_PATH}, {READINESS_PATH}, {METRICS_PATH}"
            answer = HealthAnswer(
                404, "text/plain", f"there is nothing at this path; there are {known}{os.linesep}".encode()
            )
        headers = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(answer.body))]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


class _Server(uvicorn.Server):
    """Leaves signals to the process."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

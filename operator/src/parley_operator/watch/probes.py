"""/livez, /readyz and /metrics."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from parley.contract import LIVENESS_PATH, METRICS_PATH, READINESS_PATH
from parley_operator.watch.metrics import exposition

Check = Callable[[], str]
"""Returns what is wrong; nothing when all is well."""

_FAILED: Final = 503


class Probes:
    """A small web server for the kubelet and Prometheus."""

    def __init__(self, host: str, port: int, alive: Check, ready: Check) -> None:
        """Listen when started."""
        self._host = host
        self._port = port
        self._alive = alive
        self._ready = ready
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Begin to listen."""
        application = web.Application()
        application.router.add_get(LIVENESS_PATH, self._probe(self._alive))
        application.router.add_get(READINESS_PATH, self._probe(self._ready))
        application.router.add_get(METRICS_PATH, _metrics)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """End."""
        if self._runner is not None:
            await self._runner.cleanup()

    @staticmethod
    def _probe(check: Check) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(_: web.Request) -> web.StreamResponse:
            wrong = check()
            return web.Response(text=wrong or "ok", status=_FAILED if wrong else 200)

        return answer


async def _metrics(_: web.Request) -> web.StreamResponse:
    return web.Response(body=exposition(), content_type="text/plain", charset="utf-8")

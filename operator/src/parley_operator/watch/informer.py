"""kopf as the informer: it lists and watches, and everything it sees is handed to the operator's own loop.

kopf runs in a thread and an event loop of its own, since on its end it cancels what was started after it, and in the
main thread it would replace the signal handlers. Handlers do nothing but hand over, so objects stay as they are.
"""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import kopf
import structlog

from parley_operator.desired.names import OURS
from parley_operator.kube.access import Access
from parley_operator.kube.resources import CHAT_CLUSTERS, CHILDREN, PODS, Resource

_log: Final = structlog.get_logger()
_CHUNK: Final = 500
_CONNECT_S: Final = 5
_REQUEST_S: Final = 30
_WATCH_S: Final = 240
"""The server ends a watch after so long; the next one goes on where it ended."""

Seen = Callable[[Resource, Mapping[str, Any], bool], None]
"""Takes a kind, an object of it, and whether it was deleted."""


class _Backoffs:
    """Waits between attempts, without end: a list that runs out would end the operator with the API server."""

    def __iter__(self) -> Iterator[float]:
        wait = 0.5
        while True:
            yield wait * random.uniform(0.5, 1.5)  # noqa: S311 - spreads those who wait together
            wait = min(wait * 2, 15.0)


class Informer:
    """Watches ChatClusters and what belongs to them."""

    def __init__(self, access: Access, namespaces: Sequence[str], optional: Sequence[Resource]) -> None:
        """Watch these namespaces, or all; `optional` are the kinds of optional APIs that are there."""
        self._access = access
        self._namespaces = tuple(namespaces)
        self.kinds = (CHAT_CLUSTERS, PODS, *(kind for kind in CHILDREN if not kind.optional), *optional)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, seen: Seen, ended: Callable[[], None]) -> None:
        """Begin. `seen` and `ended` are called in the caller's loop; `ended` when the watches ended by themselves."""
        loop = asyncio.get_running_loop()

        def hand_over(kind: Resource, body: Mapping[str, Any], deleted: bool) -> None:  # noqa: FBT001
            loop.call_soon_threadsafe(seen, kind, body, deleted)

        def run() -> None:
            try:
                self._run(hand_over)
            except Exception:  # noqa: BLE001 - the thread must tell of its end
                _log.exception("the watches ended")
            if not self._stop.is_set():
                loop.call_soon_threadsafe(ended)

        self._thread = threading.Thread(target=run, name="informer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell the watches to end; they only read, so nobody waits for them."""
        self._stop.set()

    def _run(self, hand_over: Seen) -> None:
        registry = kopf.OperatorRegistry()
        self._register(registry, hand_over)
        ours = self._namespaces
        scope: dict[str, Any] = {"namespaces": ours} if ours else {"clusterwide": True}
        kopf.run(
            registry=registry,
            settings=self._settings(),
            standalone=True,
            stop_flag=self._stop,
            indexers=None,
            **scope,
        )

    def _register(self, registry: kopf.OperatorRegistry, hand_over: Seen) -> None:
        @kopf.on.login(registry=registry)
        async def login(**_: Any) -> kopf.ConnectionInfo:  # noqa: ANN401 - kopf's protocol
            return await self._access.connection()

        for kind in self.kinds:
            self._watch(registry, kind, hand_over)

    @staticmethod
    def _watch(registry: kopf.OperatorRegistry, kind: Resource, hand_over: Seen) -> None:
        @kopf.on.event(kind.group, kind.version, kind.plural, registry=registry, id=f"watch-{kind.plural}")
        async def changed(event: Any, **_: Any) -> None:  # noqa: ANN401 - kopf's protocol
            body = {"apiVersion": kind.api_version, "kind": kind.kind, **event["object"]}
            hand_over(kind, body, event["type"] == "DELETED")

    def _settings(self) -> kopf.OperatorSettings:
        settings = kopf.OperatorSettings()
        settings.scanning.disabled = True
        settings.peering.standalone = True
        settings.posting.enabled = False
        settings.watching.server_timeout = _WATCH_S
        settings.watching.connect_timeout = _CONNECT_S
        settings.watching.chunk_size = _CHUNK
        settings.networking.connect_timeout = _CONNECT_S
        settings.networking.request_timeout = _REQUEST_S
        settings.networking.error_backoffs = _Backoffs()
        for kind in self.kinds:
            if kind is not CHAT_CLUSTERS:
                name = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
                settings.watching.label_selectors[name] = OURS
        return settings

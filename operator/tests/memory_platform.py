"""An operator's hands and memory with an API server in memory: what others do to the objects shows in its next pass."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from memory_api_server import MemoryApiServer, Path, leaves

from parley_operator.desired.desired import desired
from parley_operator.desired.inputs import Inputs, Manifest
from parley_operator.kube.resources import CHILDREN
from parley_operator.reconcile.cache import ChildCache
from parley_operator.reconcile.children import Children
from parley_operator.reconcile.events import EventRecorder
from parley_operator.reconcile.memory import Memory, Pass
from parley_operator.reconcile.plan import Step, plan, reference
from parley_operator.watch.news import ClusterNews
from parley_operator.watch.relist import Relist

KEY: Final = ("talk", "chat")
CLUSTER: Final = {"metadata": {"namespace": "talk", "name": "chat", "uid": "uid-of-chat"}}


class Platform:
    """An operator with an API server; what the watches tell arrives between two passes."""

    def __init__(self) -> None:
        self.server = MemoryApiServer()
        self.restart()

    def restart(self) -> None:
        """Begin anew, with nothing in memory."""
        self.cache, self.memory = ChildCache(), Memory()
        events = EventRecorder(self.server, "test", lambda: 0.0)
        self.children = Children(self.server, self.cache, events)
        self.server.news = [(stored.body(), False) for stored in self.server.objects.values()]

    def hear(self) -> None:
        for body, deleted in self.server.news:
            self.cache.update(body, deleted=deleted)
        self.server.news.clear()

    async def list_again(self) -> None:
        """Look for what the watches did not tell."""
        relist = Relist(self.server, self.cache, ClusterNews(), [KEY[0]], lambda _: None)
        for kind in CHILDREN:
            await relist.look(kind)

    def steps(self, wanted: Sequence[Manifest]) -> list[Step]:
        return plan(wanted, self.cache.of(KEY), self.memory.applied)

    async def work(self, inputs: Inputs) -> list[Step]:
        """One pass."""
        self.hear()
        wanted = desired(inputs)
        steps, work = self.steps(wanted), Pass(0.0, [])
        await self.children.execute(CLUSTER, steps, self.memory, work)
        assert not work.apply_errors
        assert work.requeue == [], "nothing is in the way of another step"
        return steps

    async def settle(self, inputs: Inputs) -> None:
        """One pass does everything: the second finds nothing to do, and writes nothing."""
        await self.work(inputs)
        version = self.server.version
        assert await self.work(inputs) == []
        assert self.server.version == version
        self.check(inputs)

    def check(self, inputs: Inputs) -> None:
        """What is wanted is there, as it is wanted; and nothing else of ours."""
        wanted = {reference(manifest): manifest for manifest in desired(inputs)}
        assert set(self.server.objects) == set(wanted)
        for ref, manifest in wanted.items():
            there = self.server.objects[ref].fields
            assert {path: there.get(path) for path in _said(manifest)} == _said(manifest)
            assert set(there) <= {*_said(manifest), ("f:spec", "f:filledIn")}, "nobody added anything"


def _said(manifest: Manifest) -> dict[Path, Any]:
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in {"name", "namespace"}}
    rest = {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind", "metadata"}}
    return dict(leaves({**rest, "metadata": metadata}))


def lived(life: Callable[[Platform], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(life(Platform()))

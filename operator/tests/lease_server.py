"""An API server that keeps one Lease, and slow and broken ways to it."""

import asyncio
import itertools
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from memory_api_server import MemoryApiServer
from typing_extensions import override

from parley_operator.kube.errors import Conflict, KubeError
from parley_operator.kube.port import Manifest
from parley_operator.kube.resources import Resource


@dataclass
class LeaseServer:
    """An API server that keeps one Lease, and refuses a write that is not of the newest version."""

    lease: Manifest | None = None
    version: int = 0
    holders: list[str] = field(default_factory=list)

    def write(self, lease: Manifest, expected: str | None) -> Manifest:
        there = self.lease["metadata"]["resourceVersion"] if self.lease else None
        if there != expected:
            raise Conflict(409, "PUT", "it is another version")
        self.version += 1
        self.lease = deepcopy(lease)
        self.lease["metadata"]["resourceVersion"] = str(self.version)
        self.holders.append(lease["spec"]["holderIdentity"])
        return deepcopy(self.lease)

    @property
    def spec(self) -> Manifest:
        assert self.lease is not None
        found: Manifest = self.lease["spec"]
        return found


class Line(MemoryApiServer):
    """The way to the server: it takes so long there and back, one call after the other, and is down at times."""

    def __init__(
        self,
        server: LeaseServer,
        delays: Sequence[tuple[float, float]] = ((0.0, 0.0),),
        down: Sequence[tuple[float, float]] = (),
    ) -> None:
        """`delays` are seconds there and back of each call, again and again; `down` has begins and ends."""
        super().__init__()
        self._server = server
        self._delays = itertools.cycle(delays)
        self._down = down

    async def _travel(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        now = asyncio.get_running_loop().time()
        if any(begin <= now < end for begin, end in self._down):
            raise KubeError(0, "GET", "no answer")

    @override
    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        there, back = next(self._delays)
        await self._travel(there)
        found = deepcopy(self._server.lease)
        await self._travel(back)
        return found

    @override
    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        return await self._write(manifest, None)

    @override
    async def replace(self, resource: Resource, manifest: Manifest) -> Manifest:
        return await self._write(manifest, manifest["metadata"]["resourceVersion"])

    async def _write(self, manifest: Manifest, expected: str | None) -> Manifest:
        there, back = next(self._delays)
        await self._travel(there)
        found = self._server.write(manifest, expected)
        await self._travel(back)
        return found

"""The gateway's lease: one write per heartbeat of the gateway, whatever the number of its connections."""

import asyncio
from typing import Final

import structlog

from parley.domain.errors import ParleyError
from parley.ports.registry import Gateway, Registry
from parley.roles.gateway.enrolment import Enrolment
from parley.roles.gateway.resync import Resyncing
from parley.roles.gateway.watching import Watching

_log: Final = structlog.get_logger()


class Lease:
    """Renews the lease every third of its life. Once it has lapsed everybody is registered again, then resyncs."""

    def __init__(
        self,
        gateway: Gateway,
        registry: Registry,
        lease_ms: int,
        enrolment: Enrolment,
        watching: Watching,
        resyncing: Resyncing,
    ) -> None:
        """Hold the lease for this incarnation."""
        self._gateway = gateway
        self._registry = registry
        self._lease_ms = lease_ms
        self._enrolment = enrolment
        self._watching = watching
        self._resyncing = resyncing
        self._tried = False
        self._held = False
        self.trouble: str | None = "the lease is not taken yet"
        """Why nobody could be found here: until the lease was taken once. Afterwards an outage of the registry is that
        of all gateways, and turning clients away from all of them would heal nothing."""

    async def take(self) -> None:
        """Take the lease for the first time; an outage is no reason not to serve."""
        await self._attempt()

    async def keep(self) -> None:
        """Renew for ever."""
        while True:
            await asyncio.sleep(self._lease_ms / 3000)
            await self._attempt()

    async def release(self) -> None:
        """End the lease, so that nothing is sent here any more."""
        try:
            async with asyncio.timeout(self._lease_ms / 3000):
                await self._registry.release(self._gateway)
        except (TimeoutError, ParleyError) as error:
            _log.warning("the lease could not be released and will run out", error=str(error))

    async def _attempt(self) -> None:
        first, self._tried = not self._tried, True
        try:
            async with asyncio.timeout(self._lease_ms / 3000):
                lived = await self._registry.renew(self._gateway, self._lease_ms)
        except (TimeoutError, ParleyError) as error:
            if self._held:
                _log.warning("the lease could not be renewed", error=str(error))
            elif self.trouble is not None:
                self.trouble = f"the registry does not give the lease: {error or 'no answer'}"
            self._held = False
            return
        self.trouble, self._held = None, True
        if not lived and not first:
            await self._recover()

    async def _recover(self) -> None:
        _log.warning("the lease had lapsed; everybody is registered again")
        self._watching.watch_again()
        if await self._enrolment.enter_all_again():
            self._resyncing.request("lease")

"""The receipts role: one consumer group turns marks into watermarks."""

import asyncio
from typing import Final

from parley.contract import RECEIPTS
from parley.roles.receipts.progress import ReceiptsWork
from parley.runtime.backends import Backends
from parley.runtime.consumption import Consumption
from parley.runtime.settings import Settings

GROUP: Final = "receipts"


def build(backends: Backends, settings: Settings) -> "ReceiptsRole":
    """Make the role; several processes share the partitions of the receipts topic."""
    return ReceiptsRole(backends, settings)


class ReceiptsRole:
    """Raises watermarks, and tells who got how far."""

    name = "receipts"

    def __init__(self, backends: Backends, settings: Settings) -> None:
        """Nothing is read or joined before `run`."""
        work = ReceiptsWork(backends, settings.limits())
        self._consumption = Consumption(backends.log, RECEIPTS.name, GROUP, work)

    def not_ready(self) -> str | None:
        """The last error, until a batch succeeds."""
        return self._consumption.trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; the batch in hand is finished and committed."""
        await self._consumption.run(stop)

"""The sequencer: one consumer group folds the ingress log into rows, tells the timeline, then commits its offsets."""

import asyncio
from typing import Final

from parley.contract import INGRESS
from parley.roles.sequencer.known_heads import KnownHeads
from parley.roles.sequencer.sequencing import Sequencing
from parley.runtime.backends import Backends
from parley.runtime.companions import with_companions
from parley.runtime.consumption import Consumption

GROUP: Final = "sequencer"


def build(backends: Backends) -> "SequencerRole":
    """Make the role; several processes share the partitions of the ingress topic."""
    return SequencerRole(backends)


class SequencerRole:
    """Folds the partitions that the group gave it, batch by batch."""

    name = "sequencer"

    def __init__(self, backends: Backends) -> None:
        """Nothing is read or joined before `run`."""
        self._heads = KnownHeads(backends.resume_cache, backends.log, backends.clock)
        work = Sequencing(backends, self._heads)
        self._consumption = Consumption(backends.log, INGRESS.name, GROUP, work, assigned=self._heads.assigned)

    def not_ready(self) -> str | None:
        """The last error, until a batch succeeds."""
        return self._consumption.trouble

    async def run(self, stop: asyncio.Event) -> None:
        """Fold until told to stop; the batch in hand is finished and committed."""
        await with_companions(stop, self._consumption.run, self._heads.run())

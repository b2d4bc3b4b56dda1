"""How a gateway notices that something never reached it."""

from collections.abc import Iterable
from typing import Final

from parley.domain.position import NOWHERE

SILENCE_S: Final = 5.0
"""Beacons come each second; after five missing ones nobody can say what was sent."""

SILENT_RESYNC_S: Final = 30.0
"""While nobody speaks, clients fetch for themselves this often."""

FORGET_SOURCE_S: Final = 3600.0
"""A source that has been silent for so long was stopped for good."""


class DeliveryChain:
    """Follows, per partition of the timeline, the links that were sent to this gateway, since its reader began.

    The first link of a partition is taken as it is: what was published before the reader began is covered by the sync
    of every session, because users are registered only after it began. Later each link must name its predecessor. A
    position at or below the last one is a replay and breaks nothing. A predecessor of NOWHERE after an earlier link
    is a gap as well: its sender does not know what another sent before.
    """

    __slots__ = ("_heard", "_last", "_resynced_at", "_silent")

    def __init__(self, now: float) -> None:
        """Begin with the reader; `now` in seconds that only go forward."""
        self._last: dict[int, int] = {}
        self._heard: dict[str, float] = {}
        self._silent: dict[str, float] = {}
        self._resynced_at = now - SILENT_RESYNC_S + SILENCE_S

    def link(self, partition: int, position: int, previous: int) -> bool:
        """Take a link in; False when something before it is missing."""
        last = self._last.get(partition)
        if last is not None and position <= last:
            return True
        self._last[partition] = position
        return last is None or previous == last

    def beacon(self, source: str, links: Iterable[tuple[int, int]], now: float) -> bool:
        """Compare (partition, last position sent here); False when one is missing or the source had fallen silent.

        A source that could not reach us may have taken us for dead, and then it counted nothing as sent here.
        """
        whole = self._silent.pop(source, None) is None and now - self._heard.get(source, now) < SILENCE_S
        self._heard[source] = now
        for partition, position in links:
            last = self._last.get(partition)
            if position != NOWHERE and (last is None or position > last):
                self._last[partition] = position
                whole = whole and last is None
        return whole

    def silent(self, now: float) -> bool:
        """Tell whether clients must fetch for themselves now: a source fell silent, or nobody speaks for long."""
        lost = [source for source, at in self._heard.items() if now - at >= SILENCE_S]
        for source in lost:
            self._silent[source] = self._heard.pop(source)
        for source in [source for source, at in self._silent.items() if now - at >= FORGET_SOURCE_S]:
            del self._silent[source]
        if lost or (not self._heard and now - self._resynced_at >= SILENT_RESYNC_S):
            self._resynced_at = now
            return True
        return False

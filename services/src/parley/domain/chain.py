"""How a gateway notices that something never reached it."""

from collections.abc import Iterable
from typing import Final

from parley.domain.position import NOWHERE

SILENCE_S: Final = 5.0
"""Beacons come each second; after five missing ones nobody can say what was sent."""

SILENT_RESYNC_S: Final = 30.0
"""While the silence lasts, clients fetch for themselves this often."""


class DeliveryChain:
    """Follows, per partition of the timeline, the links that were sent to this gateway, since its reader began.

    The first link of a partition is taken as it is: what was published before the reader began is covered by the sync
    of every session, because users are registered only after it began. Later each link must name its predecessor. A
    position at or below the last one is a replay and breaks nothing. A predecessor of NOWHERE after an earlier link
    is a gap as well: its sender does not know what another sent before.
    """

    __slots__ = ("_heard_at", "_last", "_resynced_at")

    def __init__(self, now: float) -> None:
        """Begin with the reader; `now` in seconds that only go forward."""
        self._last: dict[int, int] = {}
        self._heard_at = now
        self._resynced_at: float | None = None

    def link(self, partition: int, position: int, previous: int) -> bool:
        """Take a link in; False when something before it is missing."""
        last = self._last.get(partition)
        if last is not None and position <= last:
            return True
        self._last[partition] = position
        return last is None or previous == last

    def beacon(self, links: Iterable[tuple[int, int]], now: float) -> bool:
        """Compare (partition, last position sent here); False when one is missing or a silence ends."""
        whole = self._resynced_at is None
        self._heard_at = now
        self._resynced_at = None
        for partition, position in links:
            last = self._last.get(partition)
            if position != NOWHERE and (last is None or position > last):
                self._last[partition] = position
                whole = whole and last is None
        return whole

    def silent(self, now: float) -> bool:
        """Tell whether clients must fetch for themselves now, because no beacon has come for too long."""
        if now - self._heard_at < SILENCE_S:
            return False
        if self._resynced_at is not None and now - self._resynced_at < SILENT_RESYNC_S:
            return False
        self._resynced_at = now
        return True

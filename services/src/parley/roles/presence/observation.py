"""What the leading presence process tells in its metrics, so that a death of many people's gateway can be watched."""

from parley.ports.registry import Census
from parley.runtime.metrics import GATEWAYS_LOST, PRESENCE_USERS


class Observation:
    """Remembers which gateways are known to be lost, to count each of them once."""

    def __init__(self) -> None:
        """Tell nothing until the first census."""
        self._lost: frozenset[str] = frozenset()

    def tell(self, census: Census) -> None:
        """Show what was counted."""
        lost = frozenset(census.left_behind)
        GATEWAYS_LOST.inc(len(lost - self._lost))
        self._lost = lost
        PRESENCE_USERS.labels("connected").set(census.connected)
        PRESENCE_USERS.labels("leaving").set(census.leaving)
        PRESENCE_USERS.labels("left_behind").set(sum(census.left_behind.values()))

    def end(self) -> None:
        """Somebody else leads and tells: nothing of ours is to be added to it."""
        self._lost = frozenset()
        PRESENCE_USERS.clear()

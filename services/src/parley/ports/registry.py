"""Where users are connected now: leases and hints, re-made by the gateways after any loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Gateway:
    """One incarnation of a gateway process; entries of an earlier incarnation are dead."""

    name: str
    incarnation: str


@dataclass(frozen=True, slots=True)
class Census:
    """How many users there are. `left_behind` are those of dead incarnations that presence has not looked at yet."""

    connected: int
    leaving: int
    left_behind: Mapping[str, int]


class Registry(Protocol):
    """An entry lives only while the lease of its gateway's incarnation does: heartbeats cost one write per gateway."""

    async def renew(self, gateway: Gateway, ttl_ms: int) -> bool:
        """Take or prolong the lease; False when it had lapsed, so that the gateway registers everybody again."""
        ...

    async def release(self, gateway: Gateway) -> None:
        """End the lease at once, at the end of a drain."""
        ...

    async def register(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        """Enter (user, device) pairs; a device that was elsewhere is here from now on."""
        ...

    async def unregister(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        """Remove pairs that still point to this incarnation."""
        ...

    async def locate(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        """Names of gateways with a live entry, per user; users without one are left out."""
        ...

    async def gateways(self) -> frozenset[str]:
        """Names of gateways whose lease lives."""
        ...


class PresenceBoard(Protocol):
    """Who wants to know of whom, and who may have gone. All of it may be lost and is re-made."""

    async def watch(self, gateway: str, users: Mapping[str, bool]) -> None:
        """Begin (True) or end (False) to send changes of these users to a gateway."""
        ...

    async def watchers(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        """Gateways that asked for changes, of each user who has any."""
        ...

    async def arrived(self, users: Sequence[str]) -> frozenset[str]:
        """A device of each came: gives those who counted as offline until now, so that it is told."""
        ...

    async def departed(self, departures: Mapping[str, int]) -> None:
        """The last device here left: the user counts as offline from the given moment (ms) on unless he is back."""
        ...

    async def counted(self, users: Sequence[str], away_at_ms: int) -> frozenset[str]:
        """Those who count as online: they came, and were not declared offline.

        For those of them without a departure one is noted for `away_at_ms`, so that nobody whose gateway died before it
        could tell counts for ever; ask only for users who are connected nowhere.
        """
        ...

    async def due(self, now_ms: int, limit: int) -> list[str]:
        """Users whose grace is over, or whose gateway died: candidates to be looked up and declared offline."""
        ...

    async def gone(self, users: Sequence[str]) -> None:
        """These were declared offline: forget them, so that their next arrival is told."""
        ...

    async def census(self) -> Census:
        """Count, at a cost that grows with gateways and not with users; who has several gateways counts as often."""
        ...

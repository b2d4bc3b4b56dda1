"""Who is connected where, for gateways of this process."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from parley.ports.clock import Clock
from parley.ports.registry import Gateway


@dataclass(slots=True)
class _Lease:
    incarnation: str
    until: float


class MemoryRegistry:
    """Entries point to an incarnation, and live only while its lease does."""

    def __init__(self, clock: Clock) -> None:
        """Begin empty."""
        self._clock = clock
        self._leases: dict[str, _Lease] = {}
        self._devices: dict[str, dict[str, Gateway]] = defaultdict(dict)

    async def renew(self, gateway: Gateway, ttl_ms: int) -> bool:
        """Take or prolong the lease; False when it had lapsed or was another incarnation's."""
        held = self._leases.get(gateway.name)
        alive = held is not None and held.incarnation == gateway.incarnation and held.until > self._clock.monotonic()
        self._leases[gateway.name] = _Lease(gateway.incarnation, self._clock.monotonic() + ttl_ms / 1000)
        return alive

    async def release(self, gateway: Gateway) -> None:
        """End the lease, unless a newer incarnation holds it."""
        held = self._leases.get(gateway.name)
        if held is not None and held.incarnation == gateway.incarnation:
            del self._leases[gateway.name]

    async def register(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        """Enter devices; the newest place of a device is the only one."""
        for user, device in devices:
            self._devices[user][device] = gateway

    async def unregister(self, gateway: Gateway, devices: Sequence[tuple[str, str]]) -> None:
        """Remove devices that have not gone elsewhere since."""
        for user, device in devices:
            held = self._devices.get(user, {})
            if held.get(device) == gateway:
                del held[device]
            if not held:
                self._devices.pop(user, None)

    async def locate(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        """Gateways with a live entry; entries of dead incarnations are forgotten on the way."""
        now = self._clock.monotonic()
        living = {name: lease.incarnation for name, lease in self._leases.items() if lease.until > now}
        found: dict[str, frozenset[str]] = {}
        for user in users:
            places = self._devices.get(user)
            if places is None:
                continue
            names = [place.name for place in places.values() if living.get(place.name) == place.incarnation]
            if len(names) < len(places):
                self._devices[user] = {device: place for device, place in places.items() if self._lives(place)}
            if names:
                found[user] = frozenset(names)
            else:
                del self._devices[user]
        return found

    async def gateways(self) -> frozenset[str]:
        """Gateways whose lease lives."""
        now = self._clock.monotonic()
        return frozenset(name for name, lease in self._leases.items() if lease.until > now)

    def users_of_dead_gateways(self) -> list[str]:
        """Users all of whose entries are dead."""
        return [
            user for user, places in self._devices.items() if not any(self._lives(place) for place in places.values())
        ]

    def users_by_place(self) -> dict[Gateway, tuple[bool, int]]:
        """Whether each incarnation that has users lives, and how many it has."""
        counts = Counter(place for places in self._devices.values() for place in set(places.values()))
        return {place: (self._lives(place), users) for place, users in counts.items()}

    def _lives(self, place: Gateway) -> bool:
        lease = self._leases.get(place.name)
        return lease is not None and lease.incarnation == place.incarnation and lease.until > self._clock.monotonic()

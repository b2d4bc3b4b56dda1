"""Who is connected here."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from parley.domain.allowance import Allowance
from parley.domain.limits import Limits

if TYPE_CHECKING:
    from parley.roles.gateway.client import Client


class Directory:
    """Clients by user and device. At most one client per device: the newest."""

    def __init__(self, limits: Limits) -> None:
        """Begin empty; users get the allowance of these limits."""
        self._limits = limits
        self._allowances: dict[str, Allowance] = {}
        self._users: dict[str, dict[str, Client]] = {}
        self.clients: set[Client] = set()

    def allowance(self, user: str, now: float) -> Allowance:
        """What the user may ask for; it outlives his connections, so that reconnecting wins nothing."""
        allowance = self._allowances.get(user)
        if allowance is None:
            allowance = self._allowances[user] = Allowance(self._limits, now)
        return allowance

    def forget_rested(self, now: float) -> None:
        """Drop allowances of absent users that are as good as new."""
        rested = [u for u, allowance in self._allowances.items() if u not in self._users and allowance.rested(now)]
        for user in rested:
            del self._allowances[user]

    def join(self, client: "Client") -> "Client | None":
        """Enter a client that has said who it is; gives the older client of the same device, which is now out."""
        devices = self._users.setdefault(client.session.user, {})
        older = devices.get(client.session.device)
        devices[client.session.device] = client
        return older

    def leave(self, client: "Client") -> bool:
        """Remove a client; True when its device is not here any more."""
        devices = self._users.get(client.session.user, {})
        if devices.get(client.session.device) is not client:
            return False
        del devices[client.session.device]
        if not devices:
            del self._users[client.session.user]
        return True

    def find(self, user: str, device: str) -> "Client | None":
        """The client of a device."""
        return self._users.get(user, {}).get(device)

    def present(self, user: str) -> bool:
        """Whether any device of the user is here."""
        return user in self._users

    def clients_of(self, users: Iterable[str]) -> "Iterator[Client]":
        """All clients of these users."""
        for user in users:
            devices = self._users.get(user)
            if devices:
                yield from devices.values()

    def pairs(self) -> list[tuple[str, str]]:
        """All (user, device) pairs that are here."""
        return [(user, device) for user, devices in self._users.items() for device in devices]

"""The registry's entries of this gateway, kept in step with who is connected."""

from collections.abc import Mapping

from parley.ports.channels import Channels
from parley.ports.registry import Gateway, Registry
from parley.protocol.channel import Replaced, encode_item
from parley.roles.gateway.arrivals import Arrivals
from parley.roles.gateway.convergence import Convergence
from parley.roles.gateway.directory import Directory
from parley.roles.gateway.resync import Resyncing

Device = tuple[str, str]


class Enrolment:
    """Registers devices in batches.

    While the registry is away sessions open all the same; once it is back, everybody is registered and told to
    resync, since nothing was routed here in between.
    """

    def __init__(
        self,
        gateway: Gateway,
        registry: Registry,
        channels: Channels,
        directory: Directory,
        arrivals: Arrivals,
        resyncing: Resyncing,
    ) -> None:
        """Register for this incarnation."""
        self._gateway = gateway
        self._registry = registry
        self._channels = channels
        self._directory = directory
        self._arrivals = arrivals
        self.convergence: Convergence[Device] = Convergence(
            "registry", self._apply, recovered=lambda: resyncing.request("registry")
        )

    async def enter(self, user: str, device: str) -> bool:
        """Register a device; True once it is confirmed, False when the registry cannot be reached now."""
        return await self.convergence.confirm({(user, device): True})

    def reassert(self, user: str, device: str) -> None:
        """Claim a device that another gateway claims, although it is here more recently."""
        self.convergence.wish((user, device), present=True)

    def leave(self, user: str, device: str) -> None:
        """Remove a device, unless it is back by then."""
        self.convergence.wish((user, device), present=False)

    async def enter_all_again(self) -> bool:
        """Register everybody who is here, after the lease had lapsed."""
        pairs = self._directory.pairs()
        return not pairs or await self.convergence.confirm(dict.fromkeys(pairs, True))

    async def _apply(self, wishes: Mapping[Device, bool]) -> None:
        found = {device: client for device in wishes if (client := self._directory.find(*device)) is not None}
        gone = [device for device in wishes if device not in found]
        if found:
            await self._close_elsewhere({device: client.opened_at_ms for device, client in found.items()})
            await self._registry.register(self._gateway, list(found))
        if gone:
            await self._registry.unregister(self._gateway, gone)
        for user in {user for user, _ in wishes}:
            self._arrivals.note(user)

    async def _close_elsewhere(self, opened_at: Mapping[Device, int]) -> None:
        """Tell the gateways where these users are which devices of theirs are here, and since when (ms)."""
        places = await self._registry.locate([user for user, _ in opened_at])
        items = [
            (gateway, encode_item(Replaced(user, device, at)))
            for (user, device), at in opened_at.items()
            for gateway in places.get(user, frozenset()) - {self._gateway.name}
        ]
        if items:
            await self._channels.publish(items)

"""Who watches whom, and who may have gone, in this process."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from parley.adapters.memory.registry import MemoryRegistry
from parley.ports.registry import Census


class MemoryPresenceBoard:
    """Counts users as online from their arrival until they were declared gone."""

    def __init__(self, registry: MemoryRegistry) -> None:
        """Learn of dead gateways from the registry."""
        self._registry = registry
        self._watchers: dict[str, set[str]] = defaultdict(set)
        self._online: set[str] = set()
        self._departures: dict[str, int] = {}

    async def watch(self, gateway: str, users: Mapping[str, bool]) -> None:
        """Begin or end to send changes of users to a gateway."""
        for user, wanted in users.items():
            if wanted:
                self._watchers[user].add(gateway)
            else:
                self._watchers[user].discard(gateway)
                if not self._watchers[user]:
                    del self._watchers[user]

    async def watchers(self, users: Sequence[str]) -> dict[str, frozenset[str]]:
        """Gateways that asked for changes, of each user who has any."""
        return {user: frozenset(self._watchers[user]) for user in users if self._watchers.get(user)}

    async def arrived(self, users: Sequence[str]) -> frozenset[str]:
        """Those who counted as offline until now."""
        new = frozenset(users) - self._online
        self._online |= new
        for user in users:
            self._departures.pop(user, None)
        return new

    async def departed(self, departures: Mapping[str, int]) -> None:
        """Note when the grace of users ends who left their last place."""
        self._departures.update(departures)

    async def counted(self, users: Sequence[str], away_at_ms: int) -> frozenset[str]:
        """Users who count as online; from now on each has a departure."""
        counted = self._online.intersection(users)
        for user in counted:
            self._departures.setdefault(user, away_at_ms)
        return frozenset(counted)

    async def due(self, now_ms: int, limit: int) -> list[str]:
        """Users whose grace is over, then users of dead gateways."""
        due = [user for user, at in self._departures.items() if at <= now_ms]
        dead = [user for user in self._registry.users_of_dead_gateways() if user not in self._departures]
        return [*due, *(user for user in dead if user in self._online)][:limit]

    async def gone(self, users: Sequence[str]) -> None:
        """Forget users who were declared offline."""
        for user in users:
            self._departures.pop(user, None)
            self._online.discard(user)

    async def census(self) -> Census:
        """How many users there are; those of dead gateways are left behind until they were declared offline."""
        found = self._registry.users_by_place()
        return Census(
            sum(users for lives, users in found.values() if lives),
            len(self._departures),
            {f"{place.name}/{place.incarnation}": users for place, (lives, users) in found.items() if not lives},
        )

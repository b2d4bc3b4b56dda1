"""Which gateways a word for some users goes to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping


def by_gateway(users: Iterable[str], places: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """Group users by the gateways where they are, both in ascending order; who is nowhere is in no group."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for user in sorted(users):
        for gateway in places.get(user, ()):
            groups[gateway].append(user)
    return {gateway: tuple(groups[gateway]) for gateway in sorted(groups)}

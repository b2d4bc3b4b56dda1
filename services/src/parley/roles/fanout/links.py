"""The sending half of the chain: what was sent to each gateway from each partition of the timeline."""

from collections import defaultdict
from collections.abc import Iterable

from parley.domain.position import NOWHERE
from parley.protocol.channel import Beacon, Link


class SentLinks:
    """Knows the last position sent, by gateway and partition.

    Only what was really published counts: a beacon must never speak of an entry before the entry itself is there.
    """

    def __init__(self, source: str) -> None:
        """Know nothing yet; `source` names this process to the gateways."""
        self._source = source
        self._sent: defaultdict[str, dict[int, int]] = defaultdict(dict)

    def plan(self) -> "PlannedLinks":
        """Begin to link items that are about to be published."""
        return PlannedLinks(self._sent)

    def published(self, gateway: str, link: Link) -> None:
        """An item with this link stands in the gateway's stream."""
        self._sent[gateway][link.partition] = link.position

    def beacon(self, gateway: str) -> Beacon:
        """What the gateway should have by now."""
        links = (Link(partition, position) for partition, position in self._sent.get(gateway, {}).items())
        return Beacon(self._source, tuple(links))

    def keep_only(self, gateways: frozenset[str]) -> None:
        """Forget gateways that are gone; one that returns is told that nobody knows what it missed."""
        for gateway in self._sent.keys() - gateways:
            del self._sent[gateway]

    def revoked(self, partitions: Iterable[int]) -> None:
        """Somebody else sends from these partitions now."""
        for partition in partitions:
            for sent in self._sent.values():
                sent.pop(partition, None)


class PlannedLinks:
    """Links for one batch, on top of what was sent before it."""

    def __init__(self, sent: defaultdict[str, dict[int, int]]) -> None:
        """Begin after what was sent."""
        self._sent = sent
        self._planned: dict[tuple[str, int], int] = {}

    def next(self, gateway: str, partition: int, position: int) -> Link:
        """The link of the next item to this gateway."""
        before = self._sent.get(gateway, {}).get(partition, NOWHERE)
        previous = self._planned.get((gateway, partition), before)
        self._planned[gateway, partition] = position
        return Link(partition, position, previous)

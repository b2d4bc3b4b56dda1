"""Secrets are read again in turn. They are not watched: who may watch them may read those that nobody named, too."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import structlog

from parley_operator.external.provisioning import SecretData
from parley_operator.kube.errors import KubeError
from parley_operator.kube.port import KubernetesPort
from parley_operator.kube.resources import SECRETS
from parley_operator.reconcile.queue import Key
from parley_operator.reconcile.surroundings import secret_content

_log: Final = structlog.get_logger()

Place = tuple[str, str]
"""Namespace and name of a Secret."""


class SecretRounds:
    """Reads each Secret once an interval, however many ChatClusters use it: so long a change stays unknown at most.

    No more than three are read in a second: with more than ninety, a round of half a minute takes longer.
    """

    def __init__(
        self,
        kube: KubernetesPort,
        used: Callable[[], Mapping[Key, SecretData]],
        changed: Callable[[Key], None],
        least_pause_s: float = 1 / 3,
    ) -> None:
        """`used` are the Secrets of each ChatCluster as it knows them; `changed` is told whose are different."""
        self._kube = kube
        self._used = used
        self._changed = changed
        self._least_pause_s = least_pause_s

    async def run(self, interval_s: float) -> None:
        """Go round without end, evenly over the interval; one that cannot be read is looked at in the next round."""
        while True:
            places = places_of(self._used())
            if not places:
                await asyncio.sleep(interval_s)
            for place, users in places.items():
                await asyncio.sleep(pause_s(interval_s, len(places), self._least_pause_s))
                try:
                    await self.look(place, users)
                except KubeError as error:
                    _log.warning("could not read a Secret", secret="/".join(place), error=str(error))

    async def look(self, place: Place, users: Iterable[Key]) -> None:
        """Read one Secret and tell those of its users who know it otherwise."""
        content = secret_content(await self._kube.get(SECRETS, *place))
        used = self._used()
        for key in users:
            if used.get(key, {}).get(place[1], content) != content:
                self._changed(key)


def pause_s(interval_s: float, count: int, least_s: float) -> float:
    """Seconds between two reads, so that the API server is asked evenly and never much."""
    return max(interval_s / count, least_s)


def places_of(used: Mapping[Key, SecretData]) -> dict[Place, list[Key]]:
    """The users of each Secret."""
    found: dict[Place, list[Key]] = {}
    for key, secrets in used.items():
        for name in secrets:
            found.setdefault((key[0], name), []).append(key)
    return found

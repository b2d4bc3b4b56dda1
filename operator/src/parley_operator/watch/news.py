"""What is new in ChatClusters: a new spec, the wish to be deleted, another of the same name; a status is no news."""

from collections.abc import Iterable, Mapping
from typing import Any

from parley_operator.reconcile.queue import Key


class ClusterNews:
    """Remembers of each ChatCluster what was seen last of what a pass depends on."""

    def __init__(self) -> None:
        """Begin empty."""
        self._seen: dict[Key, tuple[str, str]] = {}

    def told(self, body: Mapping[str, Any], *, deleted: bool = False) -> Key | None:
        """A watch tells of a ChatCluster. Returns which, when that is news."""
        metadata = body["metadata"]
        key = (metadata["namespace"], metadata["name"])
        if deleted:
            self._seen.pop(key, None)
            return key
        now = (metadata["uid"], f"{metadata['generation']}/{metadata.get('deletionTimestamp', '')}")
        if self._seen.get(key) == now:
            return None
        self._seen[key] = now
        return key

    def known(self, namespace: str | None = None) -> set[Key]:
        """Those that were told of and are not gone, in a namespace or in all."""
        return {key for key in self._seen if namespace in {None, key[0]}}

    def listed(self, bodies: Iterable[Mapping[str, Any]], known: Iterable[Key]) -> list[Key]:
        """A list tells of all ChatClusters; `known` were known before it was made. Returns those with news.

        A list that is a moment old tells old news at worst, and a pass looks for itself.
        """
        found = {(body["metadata"]["namespace"], body["metadata"]["name"]): body for body in bodies}
        news = [key for body in found.values() if (key := self.told(body)) is not None]
        gone = [key for key in known if key not in found]
        for key in gone:
            self._seen.pop(key, None)
        return [*news, *gone]

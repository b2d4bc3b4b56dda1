"""Keys of ChatClusters that want attention: each is there once, and worked on by one worker at a time."""

import asyncio
import heapq
import itertools
from typing import Final

Key = tuple[str, str]
"""Namespace and name."""

_NEVER: Final = float("inf")


class WorkQueue:
    """Deduplicates: a key that is added again while it is worked on comes back once afterwards."""

    def __init__(self) -> None:
        """Begin empty."""
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._busy: set[Key] = set()
        self._numbers = itertools.count()
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Keys that are due now."""
        now = asyncio.get_running_loop().time()
        return sum(1 for due in self._due.values() if due <= now)

    @property
    def active(self) -> int:
        """Keys that are worked on."""
        return len(self._busy)

    def add(self, key: Key, after_s: float = 0.0) -> None:
        """Let a key be worked on after so many seconds, or sooner if that was wanted before."""
        due = asyncio.get_running_loop().time() + after_s
        if due >= self._due.get(key, _NEVER):
            return
        self._due[key] = due
        heapq.heappush(self._heap, (due, next(self._numbers), key))
        self._news.set()

    def forget(self, key: Key) -> None:
        """The ChatCluster is gone."""
        self._due.pop(key, None)

    async def take(self) -> Key:
        """The next key that is due and not worked on; give it back with `done`."""
        while True:
            now = asyncio.get_running_loop().time()
            key, wait = self._next(now)
            if key is not None:
                del self._due[key]
                self._busy.add(key)
                return key
            self._news.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _next(self, now: float) -> tuple[Key | None, float | None]:
        later = []
        found, wait = None, None
        while self._heap:
            due, number, key = self._heap[0]
            if self._due.get(key) != due:
                heapq.heappop(self._heap)  # it was moved or forgotten
            elif due > now:
                wait = due - now
                break
            else:
                heapq.heappop(self._heap)
                if key in self._busy:
                    later.append((due, number, key))
                    continue
                found = key
                break
        for entry in later:
            heapq.heappush(self._heap, entry)
        return found, wait

    def done(self, key: Key) -> None:
        """The worker ended with a key."""
        self._busy.discard(key)
        self._news.set()

"""The streams of gateways of this process: capped, and honest about what fell out."""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from parley.ports.channels import Received

STREAM_ITEMS: Final = 100_000


@dataclass(slots=True)
class _Stream:
    items: deque[bytes] = field(default_factory=lambda: deque(maxlen=STREAM_ITEMS))
    published: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


class MemoryChannels:
    """A cursor is the number of items published before it."""

    def __init__(self) -> None:
        """Begin without streams."""
        self._streams: dict[str, _Stream] = defaultdict(_Stream)

    async def publish(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Append items; the oldest fall out of a full stream."""
        for gateway, item in items:
            stream = self._streams[gateway]
            stream.items.append(item)
            stream.published += 1
            stream.news.set()

    async def read(self, gateway: str, cursor: str | None, limit: int, timeout_s: float) -> Received:
        """Wait for items after the cursor."""
        stream = self._streams[gateway]
        after = stream.published if cursor is None else int(cursor)
        if after > stream.published:
            return Received((), str(stream.published), trimmed=True)
        if after == stream.published:
            stream.news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await stream.news.wait()
        oldest = stream.published - len(stream.items)
        first = max(after, oldest)
        taken = tuple(
            stream.items[index] for index in range(first - oldest, min(first - oldest + limit, len(stream.items)))
        )
        return Received(taken, str(first + len(taken)), trimmed=after < oldest)

    async def drop(self, gateway: str) -> None:
        """Forget a stream."""
        self._streams.pop(gateway, None)

"""The capped stream of each gateway: fast, lossy, and honest about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Received:
    """Items in the order of their publication; `cursor` continues after them. `trimmed`: older ones were lost."""

    items: tuple[bytes, ...]
    cursor: str
    trimmed: bool = False


class Channels(Protocol):
    """One stream per gateway name; entries beyond the cap fall out at the old end."""

    async def publish(self, items: Sequence[tuple[str, bytes]]) -> None:
        """Append (gateway, item) pairs, in order per gateway."""
        ...

    async def read(self, gateway: str, cursor: str | None, limit: int, timeout_s: float) -> Received:
        """Wait for items after the cursor, at most `timeout_s`; None begins with what is published from now on."""
        ...

    async def drop(self, gateway: str) -> None:
        """Forget the stream of a gateway that ended."""
        ...

"""How a conversation is cut into partitions of the store."""

from typing import Final

BUCKET_ENTRIES: Final = 4096
"""About 1.2 MB of rows: no partition is hot or unbounded, and page arithmetic needs no probing."""


def bucket_of(seq: int) -> int:
    """The bucket that holds a seq."""
    return seq // BUCKET_ENTRIES

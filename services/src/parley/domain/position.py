"""Where a record stands in the log, and the message id that follows from it."""

from typing import Final

GENERATION_SHIFT: Final = 44
OFFSET_MASK: Final = (1 << GENERATION_SHIFT) - 1
MESSAGE_ID_EPOCH_MS: Final = 1_704_067_200_000
"""2024-01-01T00:00:00Z: 41 bits of milliseconds from here last until 2093."""

FOREVER_POSITION: Final = (1 << 62) - 1
"""Above every position that there will ever be."""

NOWHERE: Final = -1
"""The position before the first record."""


def position_of(generation: int, offset: int) -> int:
    """Order records across re-created logs: a later generation is above every offset of an earlier one."""
    return (generation << GENERATION_SHIFT) | offset


def generation_of(position: int) -> int:
    """Tell which incarnation of the log a position belongs to."""
    return position >> GENERATION_SHIFT


def offset_of(position: int) -> int:
    """Tell the offset within its generation."""
    return position & OFFSET_MASK


def message_id_of(appended_at_ms: int, partition: int, offset: int) -> int:
    """Derive the 63-bit, time-ordered id of a message from its place in the log; nobody allocates it."""
    return ((appended_at_ms - MESSAGE_ID_EPOCH_MS) << 22) | (partition << 12) | (offset & 0xFFF)

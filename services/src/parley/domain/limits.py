"""The limits that keep one client, one message and one group from costing everybody else."""

from dataclasses import dataclass
from typing import Final

LARGEST_SEQ: Final = (1 << 53) - 1
"""No conversation gets so far; up to here a number in JSON is exact in every language."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit is a setting; these defaults are the documented ones. Sizes are bytes of UTF-8."""

    frame_bytes: int = 64 * 1024
    text_bytes: int = 16 * 1024
    group_members: int = 500
    members_per_change: int = 100
    title_characters: int = 200
    emoji_bytes: int = 64
    page_default: int = 50
    page_maximum: int = 200
    sync_messages: int = 100
    resume_messages: int = 1_000
    resume_conversations: int = 1_000
    watched_users: int = 1_000
    requests_in_flight: int = 256
    window_frames: int = 256
    window_bytes: int = 1024 * 1024
    sends_per_second: float = 50.0
    sends_burst: int = 200
    receipts_named_members: int = 50

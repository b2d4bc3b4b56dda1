"""A hint whether a key was used lately; it may forget, and it may be out of reach."""

from collections.abc import Sequence
from typing import Final, Protocol

KEY_SEPARATOR: Final = "\x1f"
"""Between the parts of a key: conversation, sender, client_msg_id; none of them can hold a control character."""


class RecentKeys(Protocol):
    """SET NX with an expiry of the dedupe window. Errors: ParleyError UNAVAILABLE; then everything counts as used."""

    async def remember(self, keys: Sequence[str]) -> list[bool]:
        """For each key: True when it was not known. It is known from now on."""
        ...

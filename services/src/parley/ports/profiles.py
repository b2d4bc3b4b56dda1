"""The little that is kept about a user: when he was last there, and whether others may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Profile:
    """`last_seen` in ms, None if never; `hide_presence` keeps both presence and last_seen from others."""

    last_seen: int | None = None
    hide_presence: bool = False


class ProfileReader(Protocol):
    """What a gateway may ask about users."""

    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        """Profiles of those that have one."""
        ...


class Profiles(ProfileReader, Protocol):
    """Durable facts about users."""

    async def seen(self, last_seen: Mapping[str, int]) -> None:
        """Record when users left, in ms; an older time changes nothing."""
        ...

    async def set_privacy(self, user: str, *, hide_presence: bool) -> None:
        """Hide or show a user's presence."""
        ...

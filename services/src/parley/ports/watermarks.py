"""How far users got in conversations; only ever forward."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec


class Progress(msgspec.Struct, frozen=True, gc=False):
    """Everything up to `delivered` reached a device of the user, everything up to `read` was seen."""

    delivered: int = 0
    read: int = 0


class WatermarkStore(Protocol):
    """Last write wins by seq, so that the highest mark stays whatever the order of writes."""

    async def advance(self, marks: Mapping[tuple[str, str], Progress]) -> None:
        """Raise marks, by (conversation, user); lower ones change nothing. Durable on return."""
        ...

    async def of_conversation(self, conversation: str) -> dict[str, Progress]:
        """Marks of every user that has one."""
        ...

    async def of_user(self, user: str, conversations: Sequence[str]) -> dict[str, Progress]:
        """One user's marks, by conversation."""
        ...

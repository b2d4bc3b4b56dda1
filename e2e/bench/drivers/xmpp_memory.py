"""What the next connection of a person needs to miss nothing."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Memory:
    """With `stream_id` the server goes on where the connection broke (XEP-0198); else the archives tell the rest."""

    stream_id: str | None
    sent: int
    received: int
    waiting: tuple[str | None, ...]
    """The last stanzas that were sent and not accepted: the key of each, None for what has none."""
    in_groups: tuple[str, ...]
    """Messages to rooms of which no copy has come."""
    newest: Mapping[str | None, str]
    """The id of the newest message that came, by the room's address; None stands for all people."""
    since: str
    """When the first connection began, for archives of which nothing has come."""

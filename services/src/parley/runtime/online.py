"""Who is shown as online: whoever is connected, and whoever may be back before the grace is over."""

from collections.abc import Sequence

from parley.ports.registry import PresenceBoard, Registry


async def online(users: Sequence[str], registry: Registry, board: PresenceBoard, away_at_ms: int) -> frozenset[str]:
    """Those of these users who count as online. `away_at_ms` is when the grace of one who left just now ends.

    So an answer to somebody who asks agrees with what those who watch are told: nobody is offline for the seconds in
    which he changes from one gateway to another.
    """
    here = frozenset(await registry.locate(users))
    elsewhere = [user for user in users if user not in here]
    return here | await board.counted(elsewhere, away_at_ms) if elsewhere else here

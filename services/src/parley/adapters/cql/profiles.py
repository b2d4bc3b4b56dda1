"""Facts about users. When somebody was last there is its own timestamp; privacy is written at the time of the wish."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from typing_extensions import override

from parley.adapters.cql.conversation_writer import PARTITIONS_AT_ONCE
from parley.adapters.cql.session import Bound, CqlSession
from parley.ports.clock import Clock
from parley.ports.profiles import Profile, Profiles

_PROFILE: Final = "SELECT last_seen, hide_presence FROM profiles WHERE user_id = ?"
_SEEN: Final = "UPDATE profiles USING TIMESTAMP ? SET last_seen = ? WHERE user_id = ?"
_PRIVACY: Final = "UPDATE profiles USING TIMESTAMP ? SET hide_presence = ? WHERE user_id = ?"


class CqlProfiles(Profiles):
    """Profiles by user."""

    def __init__(self, session: CqlSession, clock: Clock) -> None:
        """`clock` orders wishes for privacy; nothing of the log lives in this table."""
        self._session = session
        self._clock = clock

    @override
    async def profiles(self, users: Sequence[str]) -> dict[str, Profile]:
        names = list(dict.fromkeys(users))
        answers = await asyncio.gather(*(self._session.rows(_PROFILE, name) for name in names))
        return {name: Profile(rows[0][0], bool(rows[0][1])) for name, rows in zip(names, answers, strict=True) if rows}

    @override
    async def seen(self, last_seen: Mapping[str, int]) -> None:
        """Users on the same nodes share a request: of many who leave together, requests are what costs."""
        by_replicas: dict[tuple[Any, ...], list[Bound]] = defaultdict(list)
        for user, at in last_seen.items():
            by_replicas[self._session.replicas_of(user.encode())].append((_SEEN, (at, at, user)))
        await asyncio.gather(
            *(
                self._session.write(bound[first : first + PARTITIONS_AT_ONCE])
                for bound in by_replicas.values()
                for first in range(0, len(bound), PARTITIONS_AT_ONCE)
            )
        )

    @override
    async def set_privacy(self, user: str, *, hide_presence: bool) -> None:
        await self._session.rows(_PRIVACY, self._clock.now_ms() * 1000, hide_presence, user)

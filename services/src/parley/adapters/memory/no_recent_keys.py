"""Remembers no keys at all, for platforms whose clients mark every retry."""

from collections.abc import Sequence

from typing_extensions import override

from parley.ports.recent_keys import RecentKeys


class NoRecentKeys(RecentKeys):
    """Every key counts as new: a retry is recognised only when its sender marked it. Needs no memory, never fails."""

    @override
    async def remember(self, keys: Sequence[str]) -> list[bool]:
        return [True] * len(keys)

"""What a user has and how far it is, for whoever comes back: from the cache, and from the store what it lacks."""

import contextlib
from collections.abc import Mapping, Sequence

from parley.domain.entries import Head
from parley.domain.errors import ParleyError
from parley.ports.conversation_store import ConversationReader, Inbox
from parley.ports.resume_cache import Looked, ResumeCache


class RecentConversations:
    """A cache that is away or knows nothing costs reads of the store, and nothing else."""

    def __init__(self, cache: ResumeCache, reader: ConversationReader, inbox: Inbox) -> None:
        """Read nothing yet."""
        self._cache = cache
        self._reader = reader
        self._inbox = inbox

    async def heads(self, user: str, likely: Sequence[str]) -> dict[str, Head]:
        """Heads of all conversations of a user; `likely` are those that he knows of, which saves a round trip.

        Nothing is missing that was told before the call: whoever is registered hears the rest.
        """
        looked = await self._look([user], likely)
        names = looked.lists.get(user)
        if names is None:
            names = [item.conversation for item in await self._inbox.conversations_of(user)]
            await self._fill(looked, {user: names}, {})
        known = dict(looked.heads)
        await self._read(looked, [name for name in names if name not in known and name in set(likely)], known)
        others = [name for name in names if name not in set(likely)]
        if others:
            looked = await self._look([], others)
            known |= looked.heads
            await self._read(looked, [name for name in others if name not in known], known)
        return {name: known[name] for name in names if name in known}

    async def _read(self, looked: Looked, missing: Sequence[str], known: dict[str, Head]) -> None:
        if missing:
            heads = await self._reader.heads(missing)
            await self._fill(looked, {}, heads)
            known |= heads

    async def _look(self, users: Sequence[str], conversations: Sequence[str]) -> Looked:
        try:
            return await self._cache.look(users, conversations)
        except ParleyError:
            return Looked()

    async def _fill(self, looked: Looked, lists: Mapping[str, Sequence[str]], heads: Mapping[str, Head]) -> None:
        if looked.ticket is not None:
            with contextlib.suppress(ParleyError):
                await self._cache.fill(looked.ticket, lists, heads)

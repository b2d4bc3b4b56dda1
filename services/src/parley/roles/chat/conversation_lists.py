"""All of a user's conversations: what changed since his cursors, and the whole list in pages."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import check_conversation
from parley.domain.limits import Limits
from parley.domain.paging import newest_after
from parley.ports.conversation_store import Inbox
from parley.protocol.client_frames import Conversations, Describe, Resume
from parley.protocol.server_frames import ConversationPage, Resumed
from parley.protocol.views import ConversationView
from parley.roles.chat.conversation_views import ConversationViews, Facts, view_of
from parley.roles.chat.entry_pages import EntryPages, check_limit, gaps_of
from parley.roles.chat.membership_view import MembershipView
from parley.roles.chat.recent_conversations import RecentConversations


@dataclass(frozen=True, slots=True)
class Readers:
    """What lists are read with."""

    inbox: Inbox
    recent: RecentConversations
    view: MembershipView
    views: ConversationViews
    pages: EntryPages


class ConversationLists:
    """Answers `resume`, `conversations` and `conversation`."""

    def __init__(self, readers: Readers, limits: Limits) -> None:
        """Nothing is read yet."""
        self._readers = readers
        self._limits = limits

    async def resume(self, user: str, asked: Resume) -> Resumed:
        """Conversations with something after the cursor, newest first, within the budget of one answer.

        Entries beyond the budget are named as gaps; conversations beyond it are left to `conversations` (`more`).
        """
        cursors = {check_conversation(name, "cursors"): seq for name, seq in asked.cursors.items()}
        heads = await self._readers.recent.heads(user, list(cursors))
        moved = [name for name, head in heads.items() if head.seq > cursors.get(name, -1)]
        found = await self._readers.view.seen_of_all(user, moved, heads)
        changed = [seen for seen in found if seen.end > cursors.get(seen.conversation, -1)]
        facts = sorted(await self._readers.views.facts(user, changed), key=lambda fact: fact.last_at, reverse=True)
        kept = facts[: self._limits.resume_conversations]
        views = await self._with_entries(user, kept, cursors)
        return Resumed(asked.id, tuple(views), more=len(kept) < len(facts))

    async def page_of_all(self, user: str, asked: Conversations) -> ConversationPage:
        """One page of all conversations, in the order of their ids, so that pages neither repeat nor skip."""
        limit = check_limit(asked.limit, self._limits)
        after = _decode_token(asked.page_token)
        items = await self._readers.inbox.conversations_of(user)
        names = sorted(item.conversation for item in items if item.conversation > after)
        views = await self._views(user, names[:limit])
        token = _encode_token(names[limit - 1]) if len(names) > limit else None
        return ConversationPage(asked.id, tuple(views), token)

    async def describe(self, user: str, asked: Describe) -> ConversationPage:
        """One conversation."""
        seen = await self._readers.view.seen(user, check_conversation(asked.conversation))
        facts = await self._readers.views.facts(user, [seen])
        return ConversationPage(asked.id, (view_of(user, facts[0]),))

    async def _views(self, user: str, names: list[str]) -> list[ConversationView]:
        found = await self._readers.view.seen_of_all(user, names)
        return [view_of(user, facts) for facts in await self._readers.views.facts(user, found)]

    async def _with_entries(self, user: str, kept: list[Facts], cursors: Mapping[str, int]) -> list[ConversationView]:
        """Give the newest conversations their newest entries, until the budget of the answer is used up."""
        room = self._limits.resume_messages
        views = []
        for facts in kept:
            seen = facts.seen
            cursor = max(0, cursors.get(seen.conversation, 0))
            window, missing = newest_after(cursor, seen.visible, min(self._limits.sync_messages, max(room, 1)))
            entries = await self._readers.pages.entries(seen, window.first, window.last)
            room -= len(entries)
            view = view_of(user, facts)
            views.append(msgspec.structs.replace(view, messages=entries, gaps=gaps_of(missing)))
        return views


def _encode_token(after: str) -> str:
    """Opaque to clients, so that what it holds can change."""
    return base64.urlsafe_b64encode(after.encode()).decode().rstrip("=")


def _decode_token(token: str | None) -> str:
    if token is None:
        return ""
    try:
        return check_conversation(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode(), "page_token")
    except (binascii.Error, UnicodeDecodeError, ParleyError):
        text = f"page_token is {token[:80]!r}; allowed is the next_page_token of an earlier answer"
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field="page_token") from None

"""Pages of archives (XEP-0313) over a stream that carries other things too."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from e2e.bench.drivers.xmpp_stanzas import archive_query, page_in, result_in, why_of

LARGEST_PAGE = 250


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """Some messages of an archive, oldest first, with the ids at both ends; `complete` says that none are beyond."""

    messages: tuple[bytes, ...]
    complete: bool
    first: str | None
    last: str | None


@dataclass(slots=True)
class _Asked:
    answer: asyncio.Future[ArchivePage]
    messages: list[bytes] = field(default_factory=list)


class Archives:
    """The questions that are under way on one stream."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        """`write` sends an iq and counts it."""
        self._write = write
        self._asked: dict[str, _Asked] = {}
        self._number = 0

    @property
    def asking(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._asked)

    async def before(self, room: str | None, partner: str | None, size: int, older: str | None) -> ArchivePage:
        """The newest messages of a room, or of the talk with a partner, or those before an id."""
        size = min(size, LARGEST_PAGE)
        return await self._ask(room, partner, {}, f"<max>{size}</max><before>{older or ''}</before>")

    async def after(self, room: str | None, newest: str | None, since: str) -> ArchivePage:
        """What came after an id, or since a time (XEP-0082) when no id is known."""
        if newest is None:
            return await self._ask(room, None, {"start": since}, f"<max>{LARGEST_PAGE}</max>")
        return await self._ask(room, None, {}, f"<max>{LARGEST_PAGE}</max><after>{newest}</after>")

    def take(self, message: bytes) -> bool:
        """Keep a message that is part of an answer; False for any other one."""
        result = result_in(message)
        asked = None if result is None else self._asked.get(result[0])
        if result is None or asked is None:
            return False
        asked.messages.append(result[1])
        return True

    def answered(self, query: str, iq: bytes, *, failed: bool) -> None:
        """The server has answered an iq, which need not be one of these questions."""
        asked = self._asked.pop(query, None)
        if asked is None or asked.answer.done():
            return
        if failed:
            asked.answer.set_exception(ConnectionError(f"the archive refused a page: {why_of(iq)}"))
        else:
            asked.answer.set_result(ArchivePage(tuple(asked.messages), *page_in(iq)))

    def end(self, why: str) -> None:
        """Nothing will be answered any more."""
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(ConnectionError(f"the connection ended before a page came: {why}"))
        self._asked.clear()

    async def _ask(self, room: str | None, partner: str | None, bounds: dict[str, str], page: str) -> ArchivePage:
        self._number += 1
        query = f"page-{self._number}"
        asked = _Asked(asyncio.get_running_loop().create_future())
        self._asked[query] = asked
        self._write(archive_query(query, room, partner, bounds, page))
        return await asked.answer

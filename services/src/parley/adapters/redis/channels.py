"""The stream of each gateway: capped, and honest about what fell out or vanished."""

from collections.abc import Sequence
from typing import Any, Final

from typing_extensions import override

from parley.adapters.redis.commands import Command, Commands
from parley.ports.channels import Channels, Received

STREAM_ITEMS: Final = 100_000
_LIFE_S: Final = 3600
"""Streams of gateways that never come back end so long after their last item."""

_FIELD: Final = "i"
_BEGINNING: Final = "0-0"


class RedisChannels(Channels):
    """A cursor names the two last items that were read: where they are gone, something was lost.

    The newest alone would not do. While a read waits, the stream may vanish and begin anew; the read then brings items
    of the new one, and only the one before them tells.
    """

    def __init__(self, commands: Commands, reading: Commands) -> None:
        """`reading` has connections of its own, on which reads may wait for news."""
        self._commands = commands
        self._reading = reading

    @override
    async def publish(self, items: Sequence[tuple[str, bytes]]) -> None:
        commands: list[Command] = [
            ("XADD", self._key(gateway), "MAXLEN", "~", STREAM_ITEMS, "*", _FIELD, item) for gateway, item in items
        ]
        commands += [("EXPIRE", self._key(gateway), _LIFE_S) for gateway in dict.fromkeys(name for name, _ in items)]
        await self._commands.many(commands)

    @override
    async def read(self, gateway: str, cursor: str | None, limit: int, timeout_s: float) -> Received:
        key = self._key(gateway)
        if cursor is None:
            return await self._begin(key)
        before, last = cursor.split(",")
        marks = [mark for mark in (before, last) if mark != _BEGINNING]
        asked: list[Command] = [("XRANGE", key, mark, mark) for mark in marks]
        *kept, found = await self._commands.many([*asked, ("XRANGE", key, f"({last}", "+", "COUNT", limit)])
        if not all(kept):
            # The stream is another one, whose ids may even be lower: begin with whatever it has.
            fresh = await self._commands.one("XRANGE", key, "-", "+", "COUNT", limit)
            return _received(fresh, _BEGINNING, trimmed=True)
        if not found and timeout_s > 0:
            found = await self._wait(key, last, limit, timeout_s)
        return _received(found, last, trimmed=False, before=before)

    @override
    async def drop(self, gateway: str) -> None:
        await self._commands.one("DEL", self._key(gateway))

    async def _begin(self, key: str) -> Received:
        """The end of the stream as it is now."""
        newest = await self._commands.one("XREVRANGE", key, "+", "-", "COUNT", 1)
        last = newest[0][0].decode() if newest else _BEGINNING
        return Received((), f"{_BEGINNING},{last}")

    async def _wait(self, key: str, last: str, limit: int, timeout_s: float) -> list[Any]:
        block_ms = max(1, round(timeout_s * 1000))
        answer = await self._reading.one("XREAD", "COUNT", limit, "BLOCK", block_ms, "STREAMS", key, last)
        if not answer:
            return []
        streams = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer]
        entries: list[Any] = next(iter(streams))
        # The client wraps the entries of a stream in one more list in some versions of the protocol.
        return (
            entries[0]
            if entries and isinstance(entries[0], list) and entries[0] and _is_entry(entries[0][0])
            else entries
        )

    def _key(self, gateway: str) -> str:
        return self._commands.key("stream", gateway)


def _is_entry(part: object) -> bool:
    return isinstance(part, list | tuple)


def _received(entries: Sequence[Any], last: str, *, trimmed: bool, before: str = _BEGINNING) -> Received:
    identifiers = [before, last, *(identifier.decode() for identifier, _ in entries)]
    items = tuple(_item(fields) for _, fields in entries)
    return Received(items, f"{identifiers[-2] if entries else before},{identifiers[-1]}", trimmed)


def _item(fields: Any) -> bytes:  # noqa: ANN401 - a dict or a list, as the protocol version has it
    value: bytes = next(iter(fields.values())) if isinstance(fields, dict) else fields[1]
    return value

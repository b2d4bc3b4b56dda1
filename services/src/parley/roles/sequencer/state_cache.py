"""Folded conversations that are kept between batches, and how they are read when they are not."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from parley.domain.conversation import Conversation, conversation_at
from parley.domain.entries import Head
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.conversation_store import ConversationReader
from parley.ports.event_log import EventLog
from parley.roles.sequencer.log_joins import LogLost


class StateCache:
    """State per conversation as of its stored head; call between batches only, when everything is flushed."""

    def __init__(self, reader: ConversationReader, log: EventLog, topic: str, capacity: int) -> None:
        """Keep at most `capacity` conversations; the least recently used is read again when it is needed."""
        self._reader = reader
        self._log = log
        self._topic = topic
        self._capacity = capacity
        self._held: OrderedDict[str, tuple[int, Conversation]] = OrderedDict()

    async def load(self, first_positions: dict[str, tuple[int, int]]) -> dict[str, Conversation]:
        """States of conversations, given as {conversation: (partition, first position in hand)}."""
        missing = [conversation for conversation in first_positions if conversation not in self._held]
        if missing:
            await self._read(missing, first_positions)
        return {conversation: self._held[conversation][1] for conversation in first_positions}

    def keep(self, partition: int, conversation: str, state: Conversation) -> None:
        """Remember a state that is stored."""
        self._held[conversation] = (partition, state)
        self._held.move_to_end(conversation)

    def trim(self) -> None:
        """Let the least recently used go."""
        while len(self._held) > self._capacity:
            self._held.popitem(last=False)

    def forget(self, partitions: frozenset[int]) -> None:
        """Drop what belongs to partitions that are no longer ours, or whose last batch failed half way."""
        for conversation in [name for name, (partition, _) in self._held.items() if partition in partitions]:
            del self._held[conversation]

    async def _read(self, missing: Sequence[str], first_positions: dict[str, tuple[int, int]]) -> None:
        heads = await self._reader.heads(missing)
        states = await asyncio.gather(
            *(self._state(name, heads.get(name, Head()), *first_positions[name]) for name in missing)
        )
        for name, state in zip(missing, states, strict=True):
            self.keep(first_positions[name][0], name, state)

    async def _state(self, conversation: str, head: Head, partition: int, first_position: int) -> Conversation:
        if head.position > first_position:
            await self._check_log(conversation, head, partition)
        membership, beyond = await asyncio.gather(
            self._reader.membership(conversation), self._reader.slice(conversation, head.seq + 1, head.seq + 1)
        )
        if any(entry.position < first_position for entry in beyond.entries):
            text = f"conversation {conversation}: a replica answered with the old head {head.seq}; reading again"
            raise ParleyError(ErrorCode.UNAVAILABLE, text)
        return conversation_at(head, membership)

    async def _check_log(self, conversation: str, head: Head, partition: int) -> None:
        end = await self._log.end(self._topic, partition)
        if head.position >= end:
            text = (
                f"the store has conversation {conversation} folded up to position {head.position}, but partition "
                f"{partition} of {self._topic} ends at {end}: the log was lost, truncated or swapped. Restore the log, "
                "or start a new generation of it; nothing was written"
            )
            raise LogLost(text)

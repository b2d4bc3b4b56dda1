"""Keys that were used lately: those of this process from memory, those before it from the store."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from parley.contract import DEDUPE_WINDOW_MS, INGRESS
from parley.ports.clock import Clock
from parley.ports.conversation_store import ConversationWriter, SendKey
from parley.ports.event_log import EventLog
from parley.ports.recent_keys import KEY_SEPARATOR

HELD_KEYS: Final = 1_000_000
_SEQUENCER_GROUP: Final = "sequencer"


class MemoryRecentKeys:
    """For one process beside its store: what it forgot, or what was before it began, is looked up among the sends.

    Records that were accepted before this process began, and are not folded yet, are in neither. So every key counts
    as known until the sequencer has caught up with where the log ended at the beginning.
    """

    def __init__(self, clock: Clock, log: EventLog, writer: ConversationWriter, capacity: int = HELD_KEYS) -> None:
        """Begin without keys."""
        self._clock = clock
        self._log = log
        self._writer = writer
        self._capacity = capacity
        self._keys: OrderedDict[str, int] = OrderedDict()
        self._caught_up = False

    async def remember(self, keys: Sequence[str]) -> list[bool]:
        """True for each key that was not known."""
        now = self._clock.now_ms()
        stored = await self._stored([key for key in keys if key not in self._keys])
        answers = []
        for key in keys:
            used_at = self._keys.get(key)
            known = key in stored or (used_at is not None and now - used_at < DEDUPE_WINDOW_MS)
            answers.append(not known)
            self._keys[key] = now
            self._keys.move_to_end(key)
        while len(self._keys) > self._capacity:
            self._keys.popitem(last=False)
        return answers

    async def _stored(self, keys: Sequence[str]) -> frozenset[str]:
        if not self._caught_up:
            lag = await self._log.lag(INGRESS.name, _SEQUENCER_GROUP)
            self._caught_up = not any(lag.values())
            if not self._caught_up:
                return frozenset(keys)
        if not keys:
            return frozenset()
        return frozenset(map(KEY_SEPARATOR.join, await self._writer.sent([_parts(key) for key in keys])))


def _parts(key: str) -> SendKey:
    conversation, sender, client_msg_id = key.split(KEY_SEPARATOR, 2)
    return conversation, sender, client_msg_id

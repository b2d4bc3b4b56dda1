"""Real adapters with a fault in front: calls fail before or after they had their effect, as servers do."""

import asyncio
import random
from collections.abc import Mapping, Sequence

from typing_extensions import override

from parley.contract import TIMELINE
from parley.domain.entries import Entry, PriorSend
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.conversation_store import Commit, ConversationWriter, SendKey
from parley.ports.event_log import Appended, Behind, EventLog, LogConsumer


class Chance:
    """Fails now and then, until it is told to stop."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self._share = share
        self.failures = 0

    def heal(self) -> None:
        """Fail no more."""
        self._share = 0.0

    def strike(self) -> None:
        """Perhaps fail."""
        if self._random.random() < self._share:
            self.failures += 1
            raise ParleyError(ErrorCode.UNAVAILABLE, "struck by chance")


class FaultyWriter(ConversationWriter):
    """A store that fails before or after it has written."""

    def __init__(self, writer: ConversationWriter, chance: Chance) -> None:
        self._writer = writer
        self._chance = chance

    @override
    async def commit(self, commits: Sequence[Commit]) -> None:
        self._chance.strike()
        await self._writer.commit(commits)
        self._chance.strike()

    @override
    async def reach(self, positions: Mapping[int, int]) -> None:
        self._chance.strike()
        await self._writer.reach(positions)
        self._chance.strike()

    @override
    async def prior_send(
        self, conversation: str, sender: str, client_msg_id: str, before: int, *, head_seq: int | None = None
    ) -> PriorSend | None:
        self._chance.strike()
        return await self._writer.prior_send(conversation, sender, client_msg_id, before, head_seq=head_seq)

    @override
    async def sent(self, keys: Sequence[SendKey]) -> frozenset[SendKey]:
        self._chance.strike()
        return await self._writer.sent(keys)

    @override
    async def entries_at(self, conversation: str, positions: Sequence[int]) -> dict[int, Entry]:
        self._chance.strike()
        return await self._writer.entries_at(conversation, positions)

    @override
    async def reached(self, partition: int) -> int | None:
        self._chance.strike()
        return await self._writer.reached(partition)


class SameLog(EventLog):
    """The log itself; what is wrong with it is for the classes below."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    @override
    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        return await self._log.append(topic, partition, values)

    @override
    async def partitions(self, topic: str) -> int:
        return await self._log.partitions(topic)

    @override
    def consumer(self, topic: str, group: str) -> LogConsumer:
        return self._log.consumer(topic, group)

    @override
    async def end(self, topic: str, partition: int) -> int:
        return await self._log.end(topic, partition)

    @override
    async def lag(self, topic: str, group: str) -> dict[int, int]:
        return await self._log.lag(topic, group)

    @override
    async def behind(self, topic: str, group: str) -> dict[int, Behind]:
        return await self._log.behind(topic, group)


class SlowLog(SameLog):
    """A log whose timeline takes nothing until it is let; then it takes it, or fails."""

    def __init__(self, log: EventLog) -> None:
        super().__init__(log)
        self.let = asyncio.Event()
        self.asked = 0
        self.fails = False

    @override
    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        if topic == TIMELINE.name:
            self.asked += 1
            await self.let.wait()
            if self.fails:
                raise ParleyError(ErrorCode.UNAVAILABLE, "the timeline fails")
        return await super().append(topic, partition, values)


class FaultyLog(SameLog):
    """A log that fails before or after it has appended; reading and committing work."""

    def __init__(self, log: EventLog, chance: Chance) -> None:
        super().__init__(log)
        self._chance = chance

    @override
    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[Appended]:
        self._chance.strike()
        places = await super().append(topic, partition, values)
        self._chance.strike()
        return places

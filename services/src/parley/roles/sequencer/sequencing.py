"""What is done with a batch of ingress records: rows with their head first, then the cache of heads, then the timeline.

Whatever fails in between, the whole batch is read again and gives the same result (data plane design, section 3). While
the timeline takes one batch, the next one is folded and written; offsets are committed behind both.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
import structlog

from parley.contract import DEADLETTER, INGRESS, TIMELINE
from parley.domain.conversation import Conversation
from parley.domain.entries import Entry, PriorSend
from parley.domain.errors import ERRORS, ErrorCode
from parley.domain.fold import is_marked, looks_for_prior, target_of
from parley.domain.identity import partition_of
from parley.domain.records import LoggedRecord
from parley.ports.event_log import LogRecord
from parley.protocol import timeline
from parley.roles.sequencer.batch import ConversationBatch
from parley.roles.sequencer.keys_seen import KeysSeen
from parley.roles.sequencer.known_heads import KnownHeads
from parley.roles.sequencer.log_joins import LogJoins
from parley.roles.sequencer.records import Poison, decode
from parley.roles.sequencer.state_cache import StateCache
from parley.runtime import metrics, tracing
from parley.runtime.backends import Backends
from parley.runtime.together import together

_HELD_CONVERSATIONS: Final = 50_000
_ENCODER: Final = msgspec.msgpack.Encoder()
_SEQUENCE: Final = metrics.STAGE_SECONDS.labels("sequence")
_Place: TypeAlias = tuple[str, int]

_log = structlog.get_logger("parley.sequencer")


class Sequencing:
    """Folds records into commits; holds states of conversations between batches, never more than is stored."""

    def __init__(self, backends: Backends, heads: KnownHeads | None = None) -> None:
        """Read nothing yet."""
        self._backends = backends
        self._heads = heads or KnownHeads(backends.resume_cache, backends.log, backends.clock)
        self._cache = StateCache(backends.reader, backends.log, INGRESS.name, _HELD_CONVERSATIONS)
        self._joins = LogJoins(backends.writer, backends.log, INGRESS.name)
        self._seen = KeysSeen()
        self._telling: asyncio.Task[None] | None = None

    def failed(self, partitions: frozenset[int]) -> None:
        """Forget what may be half written: it is read from the store again."""
        self._cache.forget(partitions)
        self._joins.forget(partitions)
        if self._telling is not None and self._telling.done():
            self._telling = None

    def revoked(self, partitions: frozenset[int]) -> None:
        """Forget what somebody else may write from now on."""
        self._cache.forget(partitions)
        self._joins.forget(partitions)
        self._seen.forget(partitions)
        self._heads.revoked(partitions)

    async def settle(self, positions: Mapping[int, int]) -> None:
        """Wait until all is told; then let the store say how far it is folded, for `LogJoins` to compare."""
        await self._told()
        await self._backends.writer.reach(positions)

    async def process(self, records: Sequence[LogRecord]) -> None:
        """Write what these records mean, and begin to tell it; raises as well what kept the last batch untold."""
        log = self._backends.log
        home_count, target_count = await log.partitions(INGRESS.name), await log.partitions(TIMELINE.name)
        with tracing.Batch(tracing.SEQUENCE) as spans:
            events = await self._write(records, home_count, spans)
            await self._told()
            self._telling = asyncio.create_task(self._tell(events, target_count))

    async def _write(
        self, records: Sequence[LogRecord], home_count: int, spans: tracing.Batch
    ) -> list[timeline.TimelineEvent]:
        """Store what these records mean, and note the heads; returns what is to be told."""
        await self._joins.check(records)
        decoded = [decode(record, home_count) for record in records]
        good = [_followed(spans, record) for record in decoded if isinstance(record, LoggedRecord)]
        poison = [record for record in decoded if isinstance(record, Poison)]
        batches, events = await self._fold(good, home_count)
        if poison:
            events.extend(await self._set_aside(poison))
        commits = [batch.commit(name) for name, batch in batches.items()]
        homes = {name: partition_of(name, home_count) for name in batches}
        await self._backends.writer.commit(commits)
        joined = {user for batch in batches.values() for user in batch.joined}
        await self._heads.note(
            frozenset(homes.values()), {commit.conversation: commit.head for commit in commits}, joined
        )
        for name, batch in batches.items():
            self._cache.keep(homes[name], name, batch.state)
        self._cache.trim()
        return events

    async def _fold(
        self, records: Sequence[LoggedRecord], partitions: int
    ) -> tuple[dict[str, ConversationBatch], list[timeline.TimelineEvent]]:
        first: dict[str, tuple[int, int]] = {}
        placed = [(partition_of(logged.record.conversation, partitions), logged) for logged in records]
        for partition, logged in placed:
            first.setdefault(logged.record.conversation, (partition, logged.position))
        firsts = self._seen.certainly_first(placed)
        doubtful = [
            logged
            for logged, is_first in zip(records, firsts, strict=True)
            if is_marked(logged.record) or (looks_for_prior(logged) and not is_first)
        ]
        states = await self._cache.load(first)
        stored, priors, targets = await self._look_up(records, doubtful, states)
        batches = {conversation: ConversationBatch(state) for conversation, state in states.items()}
        events: list[timeline.TimelineEvent] = []
        for logged in records:
            name = logged.record.conversation
            batch = batches[name]
            if logged.position > batch.state.head.position:
                target = targets.get((name, target_of(logged.record.body) or 0))
                events.append(batch.fold(logged, priors.get((name, logged.position)), target))
            elif (entry := stored.get((name, logged.position))) is not None:
                events.append(batch.repeat(logged, entry))
        return batches, events

    async def _look_up(
        self, records: Sequence[LoggedRecord], doubtful: Sequence[LoggedRecord], states: dict[str, Conversation]
    ) -> tuple[dict[_Place, Entry], dict[_Place, PriorSend], dict[_Place, Entry]]:
        """Read, all at once, what the fold will ask for: rows of replayed records, earlier attempts, targets."""
        writer = self._backends.writer
        old = [r for r in records if r.position <= states[r.record.conversation].head.position]
        new = [r for r in records if r.position > states[r.record.conversation].head.position]
        retries = [r for r in doubtful if r.position > states[r.record.conversation].head.position]
        wanted: dict[str, set[int]] = defaultdict(set)
        for logged in new:
            if (seq := target_of(logged.record.body)) is not None:
                wanted[logged.record.conversation].add(seq)
        if not (old or retries or wanted):
            return {}, {}, {}
        entries, priors, targets = await asyncio.gather(
            self._repeated(old),
            asyncio.gather(
                *(
                    writer.prior_send(
                        r.record.conversation,
                        r.record.sender,
                        r.record.client_msg_id,
                        r.position,
                        head_seq=states[r.record.conversation].head.seq,
                    )
                    for r in retries
                )
            ),
            asyncio.gather(*(self._backends.reader.entries(name, sorted(seqs)) for name, seqs in wanted.items())),
        )
        return (
            entries,
            {_place(r): prior for r, prior in zip(retries, priors, strict=True) if prior is not None},
            {(name, seq): entry for name, found in zip(wanted, targets, strict=True) for seq, entry in found.items()},
        )

    async def _repeated(self, old: Sequence[LoggedRecord]) -> dict[_Place, Entry]:
        """What records at or below the heads became when they were folded first."""
        positions: dict[str, list[int]] = defaultdict(list)
        for logged in old:
            positions[logged.record.conversation].append(logged.position)
        writer = self._backends.writer
        found = await asyncio.gather(*(writer.entries_at(name, places) for name, places in positions.items()))
        return {
            (name, position): entry
            for name, entries in zip(positions, found, strict=True)
            for position, entry in entries.items()
        }

    async def _set_aside(self, poison: Iterable[Poison]) -> list[timeline.TimelineEvent]:
        """Keep undecodable records with their cause, so that the sequence goes on without them."""
        letters, notices = [], []
        for bad in poison:
            logged = bad.logged
            _log.error("record set aside", partition=logged.partition, position=logged.position, cause=bad.cause)
            metrics.DEAD_LETTERS.inc()
            letters.append(
                timeline.DeadLetter(INGRESS.name, logged.partition, logged.position, bad.cause, logged.value)
            )
            if (envelope := bad.envelope) is not None:
                notices.append(
                    timeline.Refused(
                        envelope.conversation,
                        envelope.sender,
                        envelope.client_msg_id,
                        ErrorCode.POISON,
                        ERRORS[ErrorCode.POISON].meaning,
                        envelope.trace,
                    )
                )
        await self._backends.log.append(DEADLETTER.name, 0, [_ENCODER.encode(letter) for letter in letters])
        return list(notices)

    async def _told(self) -> None:
        """Wait until the last batch is told. Whoever gives up waiting leaves it to go on."""
        if self._telling is not None:
            await asyncio.shield(self._telling)

    async def _tell(self, events: Sequence[timeline.TimelineEvent], partitions: int) -> None:
        by_partition: dict[int, list[bytes]] = defaultdict(list)
        for event in events:
            conversation = event.entry.conversation if isinstance(event, timeline.Sequenced) else event.conversation
            by_partition[partition_of(conversation, partitions)].append(_ENCODER.encode(event))
        await together(
            self._backends.log.append(TIMELINE.name, number, values) for number, values in by_partition.items()
        )
        self._measure(events)

    def _measure(self, events: Iterable[timeline.TimelineEvent]) -> None:
        now = self._backends.clock.now_ms()
        kinds: Counter[str] = Counter()
        for event in events:
            match event:
                case timeline.Sequenced(entry=entry):
                    kinds[entry.kind] += 1
                    _SEQUENCE.observe(max(0, now - entry.created_at) / 1000)
                    _log.debug("sequenced", conversation=entry.conversation, seq=entry.seq, trace=entry.trace)
                case timeline.DuplicateOf():
                    metrics.DUPLICATES.inc()
                case timeline.Refused(code=code):
                    metrics.REFUSED_LATE.labels(code).inc()
        for kind, count in kinds.items():
            metrics.SEQUENCED.labels(kind).inc(count)


def _followed(spans: tracing.Batch, decoded: LoggedRecord) -> LoggedRecord:
    """The record as the fanout is to see it: below this stage's span, if it is traced."""
    record = decoded.record
    if not record.traceparent:
        return decoded
    attributes = tracing.described(record.conversation, record.trace, decoded.message_id)
    context = spans.follow(record.traceparent, attributes)
    return msgspec.structs.replace(decoded, record=msgspec.structs.replace(record, traceparent=context))


def _place(logged: LoggedRecord) -> _Place:
    """Positions count per partition, so that only with its conversation one names a record."""
    return logged.record.conversation, logged.position

"""A world in which sequencers crash, stall, wake as zombies and replay, on a store of cells with timestamps.

It runs the real rules (`fold`, `ConversationBatch`, `conversation_at`); only the store, the log and the schedule are
made up. `broken` plants one fault in how the rules are used, to show that the checks would see it.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parley.contract import DAY_MS
from parley.domain.content import Content
from parley.domain.conversation import Conversation, conversation_at
from parley.domain.entries import Entry, Head, PriorSend, Settings, Span
from parley.domain.fold import looks_for_prior, target_of
from parley.domain.identity import direct_conversation_id, group_conversation_id
from parley.domain.membership import Membership
from parley.domain.records import (
    AddMembers,
    AnyBody,
    CreateGroup,
    Delete,
    Edit,
    Leave,
    LoggedRecord,
    Post,
    Record,
    RemoveMember,
)
from parley.ports.conversation_store import Commit
from parley.protocol import timeline
from parley.roles.sequencer.batch import ConversationBatch

USERS = ("ann", "bob", "cho")
GROUP = group_conversation_id("ann", "create")
DIRECT = direct_conversation_id("ann", "bob")
FAULTS = ("head-before-rows", "no-lookup", "memory-survives-revocation", "offsets-before-timeline", "members-as-stored")


class ViolationError(Exception):
    """A promise was broken; the text says which."""


@dataclass
class Store:
    """Cells with a timestamp; a lower one never wins, an equal one must bring the same value."""

    cells: dict[Any, tuple[int, Any]] = field(default_factory=dict)
    sends: dict[tuple[str, str, str], dict[int, PriorSend]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, key: Any, position: int, value: Any) -> None:
        """Write one cell."""
        held = self.cells.get(key)
        if held is not None and held[0] == position and held[1] != value:
            raise ViolationError(f"cell {key} rewritten at {position}: {held[1]} became {value}")
        if held is None or position > held[0]:
            self.cells[key] = (position, value)

    def all_of(self, table: str, conversation: str) -> list[Any]:
        """Values of one table's cells of a conversation."""
        return [v for key, (_, v) in sorted(self.cells.items(), key=str) if key[:2] == (table, conversation)]

    def head(self, conversation: str) -> Head:
        """The stored head."""
        held = self.cells.get(("head", conversation))
        return held[1] if held else Head()

    def membership(self, conversation: str) -> Membership:
        """Stored spans and settings, which may be ahead of the head."""
        spans: list[Span] = self.all_of("span", conversation)
        settings: list[Settings] = self.all_of("settings", conversation)
        return Membership(tuple(spans), tuple(settings))

    def entry(self, conversation: str, seq: int) -> Entry | None:
        """An entry with the deletion that may have hit it since."""
        held = self.cells.get(("entry", conversation, seq))
        deleted = self.cells.get(("deleted", conversation, seq))
        if held is None or deleted is None:
            return held[1] if held else None
        entry: Entry = held[1]
        return Entry(**{name: getattr(entry, name) for name in entry.__struct_fields__} | {"deleted_seq": deleted[1]})

    def prior(self, record: Record, before: int) -> PriorSend | None:
        """The newest attempt below a position."""
        found = self.sends[record.conversation, record.sender, record.client_msg_id]
        below = [position for position in found if position < before]
        return found[max(below)] if below else None

    def entry_at(self, conversation: str, position: int) -> Entry | None:
        """The entry that a position became."""
        entries: list[Entry] = self.all_of("entry", conversation)
        return next((entry for entry in entries if entry.position == position), None)


@dataclass
class World:
    """One partition."""

    random: random.Random
    broken: str | None = None
    log: list[LoggedRecord] = field(default_factory=list)
    store: Store = field(default_factory=Store)
    told: list[timeline.TimelineEvent] = field(default_factory=list)
    committed: int = 0
    generation: int = 0
    kept: dict[str, Conversation] = field(default_factory=dict)

    def sequencer(self) -> Iterator[str]:
        """Work from the last commit on; every yield is a place to crash, to stall or to be overtaken."""
        generation, offset = self.generation, self.committed
        states = self.kept if self.broken == "memory-survives-revocation" else {}
        while True:
            records = self.log[offset : offset + self.random.randint(1, 6)]
            if not records:
                yield "idle"
                continue
            batches: dict[str, ConversationBatch] = {}
            events: list[timeline.TimelineEvent] = []
            yield from self._fold(records, states, batches, events)
            if self.broken == "offsets-before-timeline" and generation == self.generation:
                self.committed = offset + len(records)
            for name in self.random.sample(sorted(batches), len(batches)):
                yield from self._write(batches[name].commit(name))
            for event in events:
                self.told.append(event)
                yield "told"
            states.update({name: batch.state for name, batch in batches.items()})
            offset += len(records)
            if generation == self.generation:
                self.committed = max(self.committed, offset)
            yield "committed"

    def _fold(
        self,
        records: list[LoggedRecord],
        states: dict[str, Conversation],
        batches: dict[str, ConversationBatch],
        events: list[timeline.TimelineEvent],
    ) -> Iterator[str]:
        for logged in records:
            name = logged.record.conversation
            if name not in batches:
                if name not in states:
                    head = self.store.head(name)
                    yield "head read"
                    states[name] = self._loaded(name, head)
                    yield "membership read"
                batches[name] = ConversationBatch(states[name])
            batch = batches[name]
            if logged.position <= batch.state.head.position:
                entry = self.store.entry_at(name, logged.position)
                if entry is not None:
                    events.append(batch.repeat(logged, entry))
                continue
            looks = looks_for_prior(logged) and self.broken != "no-lookup"
            prior = self.store.prior(logged.record, logged.position) if looks else None
            seq = target_of(logged.record.body)
            target = self.store.entry(name, seq) if seq is not None else None
            yield "looked up"
            events.append(batch.fold(logged, prior, target))

    def _loaded(self, name: str, head: Head) -> Conversation:
        membership = self.store.membership(name)
        if self.broken != "members-as-stored":
            return conversation_at(head, membership)
        loaded = conversation_at(Head(10**6), membership)
        return Conversation(head, loaded.members, loaded.ended, loaded.settings)

    def _write(self, commit: Commit) -> Iterator[str]:
        put, name = self.store.put, commit.conversation
        loose: list[tuple[Any, int, Any]] = [
            (("span", name, span.user, span.from_seq), at, span) for at, span in commit.spans
        ]
        loose += [(("settings", name, value.from_seq), at, value) for at, value in commit.settings]
        loose += [(("content", name, value.target_seq), at, value.content) for at, value in commit.edited]
        loose += [(("deleted", name, value.target_seq), at, value.seq) for at, value in commit.deleted]
        self.random.shuffle(loose)
        if self.broken == "head-before-rows":
            put(("head", name), commit.head.position, commit.head)
            yield "head"
        for key, at, value in loose:
            put(key, at, value)
            yield "loose cell"
        for entry in commit.entries:
            put(("entry", name, entry.seq), entry.position, entry)
        for send in commit.sends:
            outcome = send.outcome
            self.store.sends[name, send.sender, send.client_msg_id][outcome.position] = outcome
        put(("head", name), commit.head.position, commit.head)
        yield "rows and head"


def random_body(chance: random.Random, sender: str) -> AnyBody:
    """Something that a user may try, permitted or not."""
    target = chance.randint(1, 12)
    text = Content(f"text {chance.randint(0, 9)}")
    choices: list[AnyBody] = [Post(text), Post(text), Post(text), Edit(target, text), Delete(target)]
    choices += [AddMembers((chance.choice(USERS),)), RemoveMember(chance.choice(USERS)), Leave()]
    return chance.choice(choices) if sender else Post(text)


def append_something(world: World, now: int) -> None:
    """Let somebody write; often the same thing once more, marked as a retry."""
    chance = world.random
    if world.log and chance.random() < 0.3:
        record = chance.choice(world.log[-10:]).record
        record = Record(record.conversation, record.sender, record.client_msg_id, record.body, retry=True)
    elif chance.random() < 0.3:
        sender, peer = chance.sample(("ann", "bob"), 2)
        record = Record(DIRECT, sender, f"direct-{len(world.log)}", Post(Content("hello"), peer))
    elif not any(isinstance(logged.record.body, CreateGroup) for logged in world.log):
        record = Record(GROUP, "ann", "create", CreateGroup("Friends", ("bob",)))
    else:
        sender = chance.choice(USERS)
        record = Record(GROUP, sender, f"key-{len(world.log)}", random_body(chance, sender))
    position = len(world.log)
    world.log.append(LoggedRecord(record, position, now, position + 1_000))


def run(seed: int, broken: str | None = None) -> World:
    """Run one random schedule until everything is folded; raises ViolationError at a rewritten cell."""
    chance = random.Random(seed)
    world = World(chance, broken)
    workers = [world.sequencer()]
    now = 1_800_000_000_000
    for _ in range(chance.randint(100, 300)):
        dice = chance.random()
        if dice < 0.25:
            now += chance.choice((0, 1, 1_000, DAY_MS, 4 * DAY_MS))
            append_something(world, now)
        elif dice < 0.30:
            world.generation += 1
            workers.append(world.sequencer())
        elif dice < 0.33:
            world.generation += 1
            workers = [world.sequencer()]
        else:
            newest = chance.random() < 0.7
            next(workers[-1] if newest else chance.choice(workers))
    for worker in workers[:-1]:
        for _ in range(chance.randint(0, 40)):
            next(worker)
    world.generation += 1
    last = world.sequencer()
    while next(last) != "idle":
        pass
    return world

"""A world in which sequencers write, fail and are replaced, people come back, and the cache loses what it likes.

It runs the real rules on both sides (`KnownHeads`, `RecentConversations`, `MemoryResumeCache`); store, timeline, time
and schedule are made up. `broken` plants one fault, to show that the check would see it.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from parley.adapters.memory.resume_cache import MemoryResumeCache
from parley.domain.entries import Head
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.conversation_store import InboxItem
from parley.ports.resume_cache import HOLD_REACHES_S, Hold, Looked, ResumeCache
from parley.roles.chat.recent_conversations import RecentConversations
from parley.roles.sequencer.known_heads import KnownHeads

USERS = ("ann", "bob", "cho")
PARTITIONS = 2
CONVERSATIONS = tuple(f"00000000-0000-0000-0000-00000000000{number}" for number in range(4))
FAULTS = ("tells-before-it-writes", "does-not-wait", "fills-unasked", "keeps-lists", "trust-comes-back")


class MissedError(Exception):
    """Somebody who came back does not know what he must know."""


class Turns:
    """Everything that happens waits here for its turn, which the schedule gives in any order."""

    def __init__(self, chance: random.Random) -> None:
        self.seconds = 1_000.0
        self._chance = chance
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []

    def now_ms(self) -> int:
        return round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    async def turn(self, after_s: float = 0.0) -> None:
        """Go on some time later, at the earliest after so many seconds."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self.seconds + after_s, future))
        await future

    async def step(self) -> None:
        """Give one turn, and let time pass when nobody can have it yet, or at random."""
        for _ in range(12):
            await asyncio.sleep(0)
        if self._chance.random() < 0.1:
            self.seconds += self._chance.choice((0.2, 0.9, 3.0))
        ready = [place for place in self._waiting if place[0] <= self.seconds]
        if not ready:
            self.seconds += 0.5
            return
        place = self._chance.choice(ready)
        self._waiting.remove(place)
        if not place[1].done():
            place[1].set_result(None)


@dataclass
class Store:
    """Heads, and who is in what since which seq; the timeline, and who has to hear of it."""

    turns: Turns
    seqs: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    members: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    told: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    registered: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    async def partitions(self, _: str) -> int:
        return PARTITIONS

    async def heads(self, names: Sequence[str]) -> dict[str, Head]:
        await self.turns.turn()
        found = {name: Head(self.seqs[name], self.seqs[name]) for name in names if self.seqs[name]}
        await self.turns.turn()
        return found

    async def conversations_of(self, user: str) -> list[InboxItem]:
        await self.turns.turn()
        found = [InboxItem(name, member=True) for name in CONVERSATIONS if user in self.members[name]]
        await self.turns.turn()
        return found

    def tell(self, name: str, seq: int) -> None:
        """Everybody who is registered now hears of it, unless it was told before."""
        if seq <= self.told[name]:
            return
        self.told[name] = seq
        for user in self.members[name]:
            if user in self.registered:
                self.registered[user].setdefault(name, set()).add(seq)


class Faulty(ResumeCache):
    """A cache that answers late, or not, or does what was asked after it was given up."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.share = 0.0

    async def _through(self, work: Callable[[], Awaitable[object]], reach_s: float = 1e9) -> object:
        chance, turns, cache = self._world.chance, self._world.turns, self._world.cache
        fails = chance.random() < self.share
        generation, asked_at = cache._generation, turns.seconds
        await turns.turn()
        answer: object = None
        if not fails or chance.random() < 0.5:
            if turns.seconds - asked_at > reach_s or (fails and cache._generation != generation):
                fails = True
            else:
                answer = await work()
        await turns.turn()
        if fails:
            raise ParleyError(ErrorCode.UNAVAILABLE, "struck by chance")
        return answer

    @override
    async def reach(self) -> None:
        await self._through(self._world.cache.reach)

    @override
    async def hold(self, hold: Hold) -> frozenset[int]:
        answer = await self._through(lambda: self._world.cache.hold(hold), HOLD_REACHES_S)
        assert isinstance(answer, frozenset)
        return answer

    @override
    async def write(self, heads: Mapping[str, Head], joined: Collection[str]) -> None:
        kept = () if self._world.broken == "keeps-lists" else joined
        await self._through(lambda: self._world.cache.write(heads, kept))

    @override
    async def look(self, users: Sequence[str], conversations: Sequence[str]) -> Looked:
        answer = await self._through(lambda: self._world.cache.look(users, conversations))
        assert isinstance(answer, Looked)
        return answer

    @override
    async def fill(self, ticket: object, lists: Mapping[str, Sequence[str]], heads: Mapping[str, Head]) -> None:
        if self._world.broken == "fills-unasked":
            for name, head in heads.items():
                self._world.cache._put(("head", name), head, 1e9)
            return
        await self._through(lambda: self._world.cache.fill(ticket, lists, heads))


class ForgivingCache(MemoryResumeCache):
    """Planted: trust that ended comes back with what was known before."""

    @override
    async def hold(self, hold: Hold) -> frozenset[int]:
        generation = self._generation
        lost = await super().hold(hold)
        self._generation = generation or self._generation
        return lost


class Hasty(KnownHeads):
    """Planted: nobody is thought to trust the cache."""

    @override
    def _patience_s(self, partitions: Collection[int]) -> float:
        return 0.0


class World:
    """Two partitions, a sequencer for each, and people who come and go."""

    def __init__(self, seed: int, broken: str | None = None) -> None:
        self.chance = random.Random(seed)
        self.broken = broken
        self.turns = Turns(self.chance)
        self.cache = (ForgivingCache if broken == "trust-comes-back" else MemoryResumeCache)(self.turns)
        self.store = Store(self.turns)
        self.faulty = [Faulty(self) for _ in range(PARTITIONS)]
        self.looking = Faulty(self)
        self.answers = 0

    async def sequencer(self, partition: int) -> None:
        """Work as one process after the other: each may end at any moment, and the next repeats what it left."""
        while True:
            kind = Hasty if self.broken == "does-not-wait" else KnownHeads
            known = kind(self.faulty[partition], self.store, self.turns, self.turns.turn)  # type: ignore[arg-type]
            known.assigned(frozenset({partition}))
            holding = asyncio.create_task(known.run())
            working = asyncio.create_task(self._work(partition, known))
            await self.turns.turn(self.chance.choice((2.0, 20.0, 60.0)))
            for task in (working, holding):
                task.cancel()
            await asyncio.gather(working, holding, return_exceptions=True)

    async def _work(self, partition: int, known: KnownHeads) -> None:
        """What is stored and was not told is done again first."""
        for name in CONVERSATIONS[partition::PARTITIONS]:
            if self.store.told[name] < self.store.seqs[name]:
                await self._announce(partition, known, name, set(self.store.members[name]))
        while True:
            await self.turns.turn()
            name = self.chance.choice(CONVERSATIONS[partition::PARTITIONS])
            joined = {user for user in USERS if self.chance.random() < 0.2} - self.store.members[name].keys()
            self.store.seqs[name] += 1
            self.store.members[name] |= dict.fromkeys(joined, self.store.seqs[name])
            await self._announce(partition, known, name, joined)

    async def _announce(self, partition: int, known: KnownHeads, name: str, joined: set[str]) -> None:
        seq = self.store.seqs[name]
        if self.broken == "tells-before-it-writes":
            self.store.tell(name, seq)
        await known.note(frozenset({partition}), {name: Head(seq, seq)}, joined)
        await self.turns.turn()
        self.store.tell(name, seq)

    async def person(self, user: str) -> None:
        """Register, look, hear; then compare with what was told, and come again."""
        recent = RecentConversations(self.looking, self.store, self.store)  # type: ignore[arg-type]
        likely: Sequence[str] = ()
        while True:
            await self.turns.turn(self.chance.choice((0.0, 1.0)))
            self.store.registered[user] = {}
            await self.turns.turn()
            heads = await recent.heads(user, likely)
            self._check(user, heads)
            likely = list(heads)
            del self.store.registered[user]

    def _check(self, user: str, heads: Mapping[str, Head]) -> None:
        self.answers += 1
        heard = self.store.registered[user]
        for name in CONVERSATIONS:
            joined = self.store.members[name].get(user)
            if joined is not None:
                known = heads[name].seq if name in heads else 0
                missing = set(range(max(known + 1, joined), self.store.told[name] + 1)) - heard.get(name, set())
                if missing:
                    text = f"{user} has {name} up to {known}, and never hears of {sorted(missing)}"
                    raise MissedError(text)

    def mischief(self) -> None:
        """Lose something, or cut somebody off for a while."""
        dice = self.chance.random()
        if dice < 0.01:
            self.cache.forget_all()
        elif dice < 0.06 and self.cache._values:
            del self.cache._values[self.chance.choice(list(self.cache._values))]
        elif dice < 0.10:
            self.chance.choice([*self.faulty, self.looking]).share = self.chance.choice((0.0, 0.0, 0.3, 1.0))


async def live(seed: int, broken: str | None = None, steps: int = 1_500) -> World:
    """Run one random schedule; raises MissedError."""
    world = World(seed, broken)
    tasks = [asyncio.create_task(world.sequencer(number)) for number in range(PARTITIONS)]
    people = [asyncio.create_task(world.person(user)) for user in USERS]
    try:
        for _ in range(steps):
            world.mischief()
            await world.turns.step()
            for person in people:
                if person.done():
                    person.result()
    finally:
        for task in (*tasks, *people):
            task.cancel()
        await asyncio.gather(*tasks, *people, return_exceptions=True)
    return world

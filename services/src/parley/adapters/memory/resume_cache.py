"""Heads and lists for those who come back to this process."""

import secrets
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from parley.domain.entries import Head
from parley.ports.clock import Clock
from parley.ports.resume_cache import HOLD_S, KEPT_S, Hold, Looked, ResumeCache

HELD_VALUES: Final = 200_000

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Ticket:
    generation: str
    marks: dict[_Place, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Value:
    """A head, a list or the mark of a miss, of a generation; forgotten after `until`."""

    generation: str
    held: Head | tuple[str, ...] | str
    until: float


class MemoryResumeCache(ResumeCache):
    """The same rules as anywhere: a process may have several sequencers, and lose one of them."""

    def __init__(self, clock: Clock, capacity: int = HELD_VALUES) -> None:
        """Begin without holds; of more than `capacity` values the least recently used are forgotten."""
        self._clock = clock
        self._capacity = capacity
        self._holds: dict[int, tuple[str, float]] = {}
        self._partitions = 1
        self._generation = ""
        self._values: OrderedDict[_Place, _Value] = OrderedDict()

    @override
    async def reach(self) -> None:
        return

    @override
    async def hold(self, hold: Hold) -> frozenset[int]:
        now = self._clock.monotonic()
        if not self._trusted():
            self._generation = secrets.token_hex(4)
        lost = frozenset(number for number in hold.kept - hold.taken if self._holder(number) not in {None, hold.owner})
        for number in (hold.taken | hold.kept) - lost:
            self._holds[number] = (hold.owner, now + HOLD_S)
        self._partitions = hold.partitions
        return lost

    @override
    async def write(self, heads: Mapping[str, Head], joined: Collection[str]) -> None:
        for name, head in heads.items():
            held = self._current(("head", name))
            if not (isinstance(held, Head) and held.seq > head.seq):
                self._put(("head", name), head, KEPT_S)
        for user in joined:
            self._values.pop(("list", user), None)

    @override
    async def look(self, users: Sequence[str], conversations: Sequence[str]) -> Looked:
        if not self._trusted():
            return Looked()
        ticket = _Ticket(self._generation)
        lists: dict[str, Sequence[str]] = {}
        heads: dict[str, Head] = {}
        for place in (*(("list", user) for user in users), *(("head", name) for name in conversations)):
            held = self._current(place)
            if isinstance(held, Head):
                heads[place[1]] = held
            elif isinstance(held, tuple):
                lists[place[1]] = held
            else:
                ticket.marks[place] = held or secrets.token_hex(4)
            self._put(place, ticket.marks[place] if held is None else held, KEPT_S)
        return Looked(lists, heads, ticket if ticket.marks else None)

    @override
    async def fill(self, ticket: object, lists: Mapping[str, Sequence[str]], heads: Mapping[str, Head]) -> None:
        assert isinstance(ticket, _Ticket)  # noqa: S101 - made by `look`
        values: dict[_Place, Head | tuple[str, ...]] = {("head", name): head for name, head in heads.items()}
        values |= {("list", user): tuple(names) for user, names in lists.items()}
        for place, value in values.items():
            mark = ticket.marks.get(place)
            if mark is not None and ticket.generation == self._generation and self._current(place) == mark:
                self._put(place, value, KEPT_S)

    def forget_all(self) -> None:
        """Lose everything, as a server does that is emptied."""
        self._holds.clear()
        self._values.clear()
        self._generation = ""

    def _trusted(self) -> bool:
        """Whether every partition has a holder now; it has to be asked before a hold is renewed."""
        now = self._clock.monotonic()
        return len(self._holds) >= self._partitions and all(until > now for _, until in self._holds.values())

    def _holder(self, partition: int) -> str | None:
        held = self._holds.get(partition)
        return held[0] if held is not None else None

    def _current(self, place: _Place) -> Head | tuple[str, ...] | str | None:
        value = self._values.get(place)
        if value is None or value.generation != self._generation or value.until <= self._clock.monotonic():
            return None
        return value.held

    def _put(self, place: _Place, held: Head | tuple[str, ...] | str, seconds: float) -> None:
        self._values[place] = _Value(self._generation, held, self._clock.monotonic() + seconds)
        self._values.move_to_end(place)
        while len(self._values) > self._capacity:
            self._values.popitem(last=False)

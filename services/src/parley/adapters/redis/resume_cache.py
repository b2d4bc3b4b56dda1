"""Heads and lists for those who come back: read in few round trips, and quick to be given up where Redis is away."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from typing_extensions import override

from parley.adapters.redis.commands import Command, Commands
from parley.adapters.redis.gathering import Gathering
from parley.adapters.redis.patience import within
from parley.adapters.redis.resume_scripts import FILL, HOLD, LOOK, WRITE
from parley.adapters.redis.resume_values import ResumeKeys, decode_head, decode_list, encode_head, encode_list
from parley.domain.entries import Head
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.clock import Clock
from parley.ports.resume_cache import HOLD_REACHES_S, HOLD_S, KEPT_S, Hold, Looked, ResumeCache

CLUSTER_GROUPS: Final = 16
PATIENCE_S: Final = 0.5
REST_S: Final = 1.0
"""After a failure nobody who comes back waits for the next one so soon."""

_KEPT_MS: Final = round(KEPT_S * 1000)
_MARK_MS: Final = 10_000
"""Who read the store for longer than this does not fill."""

_ROUND: Final = 200
_KEYS_AT_ONCE: Final = 500
"""Redis does nothing else while it looks these up."""

_MISSING: Final = b"?"


@dataclass(frozen=True, slots=True)
class _Ticket:
    """The generation, and the marks that were left for what was missing."""

    generation: str
    marks: dict[tuple[int, str], bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Question:
    users: Sequence[str]
    conversations: Sequence[str]


class RedisResumeCache(ResumeCache):
    """Keeps to one server process: an answer of another one is an error for whoever writes."""

    def __init__(self, commands: Commands, clock: Clock, groups: int, patience_s: float = PATIENCE_S) -> None:
        """Ask Redis from the first call on, and wait `patience_s` for an answer; `groups` is 1 but for a cluster."""
        self._commands = commands
        self._patience_s = patience_s
        self._clock = clock
        self._keys = ResumeKeys(commands, groups)
        self._alone = groups == 1
        self._looking: Gathering[_Question, Looked] = Gathering(self._look, _ROUND)
        self._filling: Gathering[tuple[_Ticket, dict[tuple[int, str], Any]], None] = Gathering(self._fill, _ROUND)
        self._resting_until = 0.0
        self._server, self._generation = b"", "-"

    @override
    async def reach(self) -> None:
        await within(self._patience_s, self._commands.one("GET", self._keys.generation))

    @override
    async def hold(self, hold: Hold) -> frozenset[int]:
        now = self._clock.now_ms()
        ends, latest = now + round(HOLD_S * 1000), now + round(HOLD_REACHES_S * 1000)
        numbers = [*hold.taken, *(hold.kept - hold.taken)]
        answer, *rest = await within(self._patience_s,
            self._commands.one(
                "EVAL", HOLD, 2, self._keys.holds, self._keys.generation,
                ends, latest, hold.partitions, hold.owner, secrets.token_hex(4), len(hold.taken), *numbers,
            )
        )  # fmt: skip
        if answer != b"held":
            raise ParleyError(ErrorCode.UNAVAILABLE, _REFUSALS[answer])
        self._server, self._generation = rest[0], rest[1].decode()
        return frozenset(int(number) for number in rest[2:])

    @override
    async def write(self, heads: Mapping[str, Head], joined: Collection[str]) -> None:
        keys: dict[int, tuple[list[str], list[str], list[str]]] = defaultdict(lambda: ([], [], []))
        for name, head in heads.items():
            group, key = self._keys.head(name)
            keys[group][0].append(key)
            keys[group][1].append(encode_head(head))
        for user in joined:
            group, key = self._keys.list(user)
            keys[group][2].append(key)
        latest = self._clock.now_ms() + round(HOLD_REACHES_S * 1000)
        scripts: list[Command] = [
            (
                "EVAL", WRITE, len(names) + len(lists), *names, *lists,
                self._generation, _KEPT_MS, len(names), latest, *values,
            )
            for names, values, lists in keys.values()
        ]  # fmt: skip
        servers = await within(self._patience_s, self._commands.many(scripts))
        if b"late" in servers:
            raise ParleyError(ErrorCode.UNAVAILABLE, _REFUSALS[b"late"])
        if self._alone and any(server != self._server for server in servers):
            raise ParleyError(ErrorCode.UNAVAILABLE, "another Redis answers than the one that heads were written to")

    @override
    async def look(self, users: Sequence[str], conversations: Sequence[str]) -> Looked:
        if self._clock.monotonic() < self._resting_until:
            raise ParleyError(ErrorCode.UNAVAILABLE, "Redis failed a moment ago, and is not asked for heads")
        try:
            return await self._looking.ask(_Question(users, conversations))
        except ParleyError:
            self._resting_until = self._clock.monotonic() + REST_S
            raise

    @override
    async def fill(self, ticket: object, lists: Mapping[str, Sequence[str]], heads: Mapping[str, Head]) -> None:
        assert isinstance(ticket, _Ticket)  # noqa: S101 - made by `look`
        values: dict[tuple[int, str], Any] = {self._keys.head(name): encode_head(head) for name, head in heads.items()}
        values |= {self._keys.list(user): encode_list(names) for user, names in lists.items()}
        values = {place: value for place, value in values.items() if place in ticket.marks}
        if values:
            await self._filling.ask((ticket, values))

    async def _look(self, questions: Sequence[_Question]) -> list[Looked]:
        """Trust first, then what it covers: a generation that is trusted now was so when its values are read."""
        held = await within(self._patience_s, self._commands.one("GET", self._keys.generation))
        if held is None:
            return [Looked() for _ in questions]
        places = {self._keys.list(user) for question in questions for user in question.users}
        places |= {self._keys.head(name) for question in questions for name in question.conversations}
        generation = held.decode()
        found = await self._values(generation, places)
        return [self._looked(generation, question, found) for question in questions]

    async def _values(self, generation: str, places: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        mark = secrets.token_hex(6)
        parts = _parts(places)
        scripts: list[Command] = [
            ("EVAL", LOOK, len(part), *(key for _, key in part), generation, _KEPT_MS, _MARK_MS, mark) for part in parts
        ]
        answers = await within(self._patience_s, self._commands.many(scripts))
        return {
            place: value
            for part, values in zip(parts, answers, strict=True)
            for place, value in zip(part, values, strict=True)
        }

    def _looked(self, generation: str, question: _Question, found: Mapping[tuple[int, str], bytes]) -> Looked:
        ticket = _Ticket(generation)
        lists: dict[str, Sequence[str]] = {}
        heads: dict[str, Head] = {}
        for user in question.users:
            place = self._keys.list(user)
            if found[place].startswith(_MISSING):
                ticket.marks[place] = found[place]
            else:
                lists[user] = decode_list(found[place])
        for name in question.conversations:
            place = self._keys.head(name)
            if found[place].startswith(_MISSING):
                ticket.marks[place] = found[place]
            else:
                heads[name] = decode_head(found[place])
        return Looked(lists, heads, ticket if ticket.marks else None)

    async def _fill(self, wishes: Sequence[tuple[_Ticket, dict[tuple[int, str], Any]]]) -> list[None]:
        scripts: list[Command] = []
        by_generation: dict[str, dict[tuple[int, str], tuple[bytes, Any]]] = defaultdict(dict)
        for ticket, values in wishes:
            for place, value in values.items():
                by_generation[ticket.generation][place] = ticket.marks[place], value
        for generation, values in by_generation.items():
            for part in _parts(values):
                pairs = [piece for place in part for piece in values[place]]
                scripts.append(("EVAL", FILL, len(part), *(key for _, key in part), generation, _KEPT_MS, *pairs))
        await within(self._patience_s, self._commands.many(scripts))
        return [None] * len(wishes)


_REFUSALS: Final = {
    b"late": "Redis got a write too late, and did nothing: it is slow, or its clock differs by a second or more",
    b"moved": "another Redis has taken over, and what was held on the one before it has not ended yet",
}


def _parts(places: Collection[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Keys of one group each, and not too many of them."""
    groups: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place in places:
        groups[place[0]].append(place)
    return [
        group[first : first + _KEYS_AT_ONCE]
        for group in groups.values()
        for first in range(0, len(group), _KEYS_AT_ONCE)
    ]

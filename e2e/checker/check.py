"""Every way in which a history can break a promise. Pure: events in, violations out."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from e2e.checker.engines import Engines
from e2e.checker.history import Acknowledged, AnyEvent, Failed, Logged, Marked, Member, Paged, Received, Sent, Stored
from e2e.checker.violations import Kind, Violation


@dataclass(slots=True)
class Report:
    """What was counted, and what was found."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def summary(self) -> str:
        """One line for people."""
        counted = ", ".join(f"{count:,} {name}" for name, count in sorted(self.counts.items()))
        found = Counter(violation.kind.value for violation in self.violations)
        verdict = ", ".join(f"{count} {name}" for name, count in found.items()) or "0 violations"
        return f"{verdict} ({counted})"


Key = tuple[str, str]
Place = tuple[str, int]


@dataclass(slots=True)
class _Collected:
    sent: set[Key] = field(default_factory=set)
    acknowledged: dict[Key, str] = field(default_factory=dict)
    failed: set[Key] = field(default_factory=set)
    received: dict[tuple[str, str], list[Received]] = field(default_factory=lambda: defaultdict(list))
    paged: dict[tuple[str, str], list[Paged]] = field(default_factory=lambda: defaultdict(list))
    members: dict[tuple[str, str], list[Member]] = field(default_factory=lambda: defaultdict(list))
    marks: dict[tuple[str, str, str], list[Marked]] = field(default_factory=lambda: defaultdict(list))
    engines: Engines = field(default_factory=Engines)


def check(events: Iterable[AnyEvent]) -> Report:
    """Check a whole history."""
    collected, report = _Collected(), Report()
    for event in events:
        report.counts[type(event).__name__.lower()] += 1
        _collect(collected, event)
    found = report.violations
    found += _lost(collected)
    found += _doubled(collected)
    found += _swapped(collected)
    found += _holes(collected)
    found += _wrong_marks(collected)
    found += _leaks(collected)
    found += _unknown(collected)
    found += collected.engines.violations(collected.acknowledged, collected.failed)
    return report


def _collect(collected: _Collected, event: AnyEvent) -> None:
    match event:
        case Sent():
            collected.sent.add((event.user, event.key))
        case Acknowledged():
            collected.acknowledged[event.user, event.key] = event.conversation
        case Failed():
            collected.failed.add((event.user, event.key))
        case Received():
            collected.received[event.observer, event.conversation].append(event)
        case Paged():
            collected.paged[event.user, event.conversation].append(event)
        case Member():
            collected.members[event.user, event.conversation].append(event)
        case Marked():
            collected.marks[event.observer, event.conversation, event.user].append(event)
        case Logged():
            collected.engines.logged[event.conversation].append(event)
        case Stored():
            collected.engines.stored[event.conversation].append(event)


def _lost(collected: _Collected) -> list[Violation]:
    """An acknowledged message that was not refused afterwards stands in the history of its conversation."""
    stored = {
        (conversation, entry.sender, entry.key)
        for (_, conversation), entries in collected.paged.items()
        for entry in entries
    }
    return [
        Violation(Kind.LOST, f"{user} was acknowledged {key} in {conversation}, and nobody's history has it")
        for (user, key), conversation in collected.acknowledged.items()
        if (user, key) not in collected.failed and (conversation, user, key) not in stored
    ]


def _doubled(collected: _Collected) -> list[Violation]:
    """A message has one place; an application gets it once."""
    violations = []
    for (user, conversation), entries in collected.paged.items():
        keys = Counter((entry.sender, entry.key) for entry in entries)
        violations += [
            Violation(Kind.DOUBLED, f"{key} of {sender} stands {count} times in {user}'s history of {conversation}")
            for (sender, key), count in keys.items()
            if count > 1
        ]
    for (observer, conversation), received in collected.received.items():
        seqs = Counter(entry.seq for entry in received)
        violations += [
            Violation(Kind.DOUBLED, f"{observer} was given seq {seq} of {conversation} {count} times")
            for seq, count in seqs.items()
            if count > 1
        ]
    return violations


def _swapped(collected: _Collected) -> list[Violation]:
    """Everybody sees the same entry at a seq, and seqs in ascending order."""
    violations = []
    seen: dict[Place, Key] = {}
    everything: list[Received | Paged] = [entry for part in collected.received.values() for entry in part]
    everything += [entry for part in collected.paged.values() for entry in part]
    for entry in everything:
        place, key = (entry.conversation, entry.seq), (entry.sender, entry.key)
        if seen.setdefault(place, key) != key:
            text = f"seq {entry.seq} of {entry.conversation} is {seen[place]} for some and {key} for others"
            violations.append(Violation(Kind.SWAPPED, text))
    for (observer, conversation), received in collected.received.items():
        for before, after in pairwise(received):
            if after.seq < before.seq:
                text = f"{observer} was given seq {after.seq} of {conversation} after {before.seq}"
                violations.append(Violation(Kind.SWAPPED, text))
    return violations


def _holes(collected: _Collected) -> list[Violation]:
    """Histories and what applications were given have no gap within what their reader may see."""
    violations = []
    parts = [(f"{user}'s history", user, c, [e.seq for e in p]) for (user, c), p in collected.paged.items()]
    parts += [(f"what {o} was given", p[0].user, c, [e.seq for e in p]) for (o, c), p in collected.received.items()]
    for what, user, conversation, seqs in parts:
        present, spans = set(seqs), collected.members.get((user, conversation))
        missing = [
            seq for seq in range(min(seqs), max(seqs)) if seq not in present and (spans is None or _allowed(spans, seq))
        ]
        if missing:
            violations.append(Violation(Kind.HOLE, f"{what} of {conversation} lacks seqs {missing[:10]}"))
    return violations


def _wrong_marks(collected: _Collected) -> list[Violation]:
    """Watermarks only rise, never pass the head, and what was read was delivered."""
    violations = []
    for (observer, conversation, user), marks in collected.marks.items():
        for before, after in zip([None, *marks], marks, strict=False):
            wrong = after.read > after.delivered or after.delivered > after.head
            back = before is not None and (after.read < before.read or after.delivered < before.delivered)
            if wrong or back:
                text = f"{observer} saw {user} in {conversation} at {after} after {before}"
                violations.append(Violation(Kind.MARK, text))
    return violations


def _leaks(collected: _Collected) -> list[Violation]:
    """Nobody is shown a seq outside his membership, where the history names it."""
    violations = []
    everything: list[Received | Paged] = [entry for part in collected.received.values() for entry in part]
    everything += [entry for part in collected.paged.values() for entry in part]
    for entry in everything:
        spans = collected.members.get((entry.user, entry.conversation))
        if spans is not None and not _allowed(spans, entry.seq):
            text = f"{entry.user} was shown seq {entry.seq} of {entry.conversation}"
            violations.append(Violation(Kind.LEAK, text))
    return violations


def _unknown(collected: _Collected) -> list[Violation]:
    """Nothing appears that nobody sent, where the history knows everything that was sent."""
    if not collected.sent:
        return []
    senders = {user for user, _ in collected.sent}
    keys = {(entry.sender, entry.key) for part in collected.paged.values() for entry in part if entry.sender in senders}
    return [
        Violation(Kind.UNKNOWN, f"{key} of {sender} is in a history, and was never sent")
        for sender, key in sorted(keys - collected.sent)
    ]


def _allowed(spans: Iterable[Member], seq: int) -> bool:
    return any(span.first <= seq and (span.last == 0 or seq <= span.last) for span in spans)

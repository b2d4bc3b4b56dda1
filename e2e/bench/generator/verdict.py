"""Judges a phase from the reports of all processes: a number with lost or doubled messages does not count."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from e2e.bench.contract import Direct, Place
from e2e.bench.generator.keys import sender_of
from e2e.bench.generator.latencies import Latencies
from e2e.bench.generator.tally import Report, Seen, Sent


@dataclass(slots=True)
class Verdict:
    """What became of a phase's messages. `lost` were acknowledged and did not reach a member who was to get them."""

    sent: int = 0
    acknowledged: int = 0
    delivered: int = 0
    lost: int = 0
    doubled: int = 0
    swapped: int = 0
    disagreeing: int = 0
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the numbers of this phase do not count; empty when they do."""
        found = {
            "lost": self.lost,
            "doubled": self.doubled,
            "out of order": self.swapped,
            "members who saw another order": self.disagreeing,
        }
        return tuple(f"{count} {what}" for what, count in found.items() if count)


@dataclass(slots=True)
class Outcome:
    """A phase: what became of its messages, and how long they took."""

    verdict: Verdict
    acknowledged: Latencies
    delivered: Latencies
    to_last: Latencies
    receipts: Latencies
    stalled: Latencies


def outcome_of(reports: Sequence[Report], groups: Mapping[str, Sequence[str]]) -> Outcome:
    """Judge, and merge the times; `groups` says who is in each."""
    last: dict[str, float] = {}
    for report in reports:
        for message, age in report.last_of.items():
            last[message] = max(age, last.get(message, 0.0))
    to_last = Latencies()
    for age in last.values():
        to_last.record(age)
    return Outcome(
        judge(reports, groups),
        _merged(report.acknowledged for report in reports),
        _merged(report.delivered for report in reports),
        to_last,
        _merged(report.receipts for report in reports),
        _merged(report.stalled for report in reports),
    )


def _merged(encoded: Iterable[str]) -> Latencies:
    return Latencies.merged(Latencies(one) for one in encoded)


def judge(reports: Sequence[Report], groups: Mapping[str, Sequence[str]]) -> Verdict:
    """Compare what was acknowledged with what every member saw."""
    verdict = Verdict()
    seen = {path: one for report in reports for path, one in report.seen.items()}
    for report in reports:
        for why, count in report.refusals.items():
            verdict.refusals[why] = verdict.refusals.get(why, 0) + count
        for stream, sent in report.sent.items():
            verdict.sent += sent.count
            verdict.acknowledged += sent.count - len(sent.waiting) - len(sent.refused)
            for member in receivers(stream, sent.place, groups):
                verdict.lost += len(_lost(sent, seen.get((member, stream), Seen())))
    verdict.delivered = sum(one.count for one in seen.values())
    verdict.doubled = sum(one.doubled for one in seen.values())
    verdict.swapped = sum(one.swapped for one in seen.values())
    verdict.disagreeing = _disagreeing(reports)
    return verdict


def receivers(stream: str, place: Place, groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Who is to get the messages of a stream to this place: everybody there but the sender."""
    sender = sender_of(stream)
    if isinstance(place, Direct):
        return [place.other(sender)]
    return [member for member in groups[place.name] if member != sender]


def _lost(sent: Sent, seen: Seen) -> set[int]:
    """What was acknowledged and did not arrive; what waits for its answer may or may not."""
    return (seen.missing | set(range(seen.next, sent.count))) - sent.waiting - sent.refused


def _disagreeing(reports: Sequence[Report]) -> int:
    """Members of a place who saw another order than most of those who sent nothing there."""
    senders = {(sender_of(stream), sent.place) for report in reports for stream, sent in report.sent.items()}
    orders: dict[Place, Counter[int]] = {}
    for report in reports:
        for (user, place), digest in report.orders.items():
            if (user, place) not in senders:
                orders.setdefault(place, Counter())[digest] += 1
    return sum(count.total() - count.most_common(1)[0][1] for count in orders.values())

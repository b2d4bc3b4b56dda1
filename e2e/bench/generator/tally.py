"""What one process of the generator saw in one phase: the material of the verdict, kept as small as it can be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from e2e.bench.contract import Place
from e2e.bench.generator.keys import Key
from e2e.bench.generator.latencies import Latencies


@dataclass(slots=True)
class Sent:
    """One stream as its sender knows it; `waiting` are numbers that the server has not answered."""

    place: Place
    count: int = 0
    waiting: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Seen:
    """One stream as one receiver saw it: everything below `next`, but for `missing`."""

    next: int = 0
    missing: set[int] = field(default_factory=set)
    doubled: int = 0
    swapped: int = 0

    def add(self, number: int) -> bool:
        """Count a message; False when it was there before."""
        if number == self.next:
            self.next += 1
        elif number > self.next:
            self.missing.update(range(self.next, number))
            self.next = number + 1
        elif number in self.missing:
            self.missing.discard(number)
            self.swapped += 1
        else:
            self.doubled += 1
            return False
        return True

    @property
    def count(self) -> int:
        """How many different messages arrived."""
        return self.next - len(self.missing)


@dataclass(slots=True)
class Report:
    """What a process tells of a phase; `orders` are digests of what each receiver saw in each place, in order."""

    sent: dict[str, Sent] = field(default_factory=dict)
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    orders: dict[tuple[str, Place], int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    last_of: dict[str, float] = field(default_factory=dict)
    acknowledged: str = ""
    delivered: str = ""
    receipts: str = ""
    stalled: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is counted besides: with `last_of_each` the time to the last member of every message.

    The times of users who are `apart`, since they stall, are kept for themselves; `readers` say of every message that
    they have read it.
    """

    last_of_each: bool = False
    apart: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()


NOTHING_BESIDES: Final = Watch()


class Tally:
    """Counts while a phase runs. `each_delivery` gets the stream of each message that arrives for the first time."""

    def __init__(self, watch: Watch) -> None:
        """Nothing was seen yet."""
        self.report = Report()
        self.readers = watch.readers
        self.acknowledged, self.delivered, self.receipts, self.stalled = (Latencies() for _ in range(4))
        self.each_delivery: Callable[[str], None] | None = None
        self.deliveries = 0
        self._last_of_each = watch.last_of_each
        self._apart = watch.apart

    def sends(self, stream: str, place: Place) -> int:
        """The number of the next message of a stream, which is sent now."""
        sent = self.report.sent.get(stream)
        if sent is None:
            sent = self.report.sent[stream] = Sent(place)
        number = sent.count
        sent.count += 1
        sent.waiting.add(number)
        return number

    def accepts(self, key: Key) -> None:
        """The server acknowledged a message."""
        sent = self.report.sent.get(key.stream)
        if sent is not None and key.number in sent.waiting:
            sent.waiting.discard(key.number)
            self.acknowledged.record(key.age())

    def refuses(self, key: Key | None, why: str) -> None:
        """The server refused a message, or said that something is wrong."""
        self.report.refusals[why] = self.report.refusals.get(why, 0) + 1
        if key is not None and (sent := self.report.sent.get(key.stream)) is not None:
            sent.waiting.discard(key.number)
            sent.refused.add(key.number)

    def receives(self, user: str, place: Place, key: Key) -> None:
        """A message reached a user who did not send it."""
        path = (user, key.stream)
        seen = self.report.seen.get(path)
        if seen is None:
            seen = self.report.seen[path] = Seen()
        if not seen.add(key.number):
            return
        order = (user, place)
        self.report.orders[order] = hash((self.report.orders.get(order, 0), _word(key)))
        age = key.age()
        self.deliveries += 1
        if user in self._apart:
            self.stalled.record(age)
        else:
            self.delivered.record(age)
            if self._last_of_each:
                message = f"{key.stream}-{key.number}"
                self.report.last_of[message] = max(age, self.report.last_of.get(message, 0.0))
        if self.each_delivery is not None:
            self.each_delivery(key.stream)

    def finish(self) -> Report:
        """Everything so far, for another process."""
        report = self.report
        report.acknowledged, report.delivered = self.acknowledged.encoded(), self.delivered.encoded()
        report.receipts, report.stalled = self.receipts.encoded(), self.stalled.encoded()
        return report


def _word(key: Key) -> int:
    """A number for a message that is the same in every process; Python's own hash of a text is not."""
    return int.from_bytes(f"{key.stream}-{key.number}".encode(), "big")

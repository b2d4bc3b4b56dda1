"""A zone is gone, and with it a third of brokers and sequencers: what waits, who is refused, and when all is drained.

For the time in which brokers elect leaders nothing can be appended to the partitions of the lost ones. Until the
consumer group notices, nobody reads the partitions of the lost sequencers; then the others read them as well. Chat
refuses changes of partitions that would take too long to work off what waits in them, as it does, and people's outboxes
try again, as the SDK's does
(`parley.client.outbox`). One simulated message stands for many.
"""

import math
import random
from dataclasses import dataclass, field
from typing import Final

import simpy

from e2e.scaling.constants import CONSUMER_SESSION_S, LAG_LIMIT_SECONDS, LAG_LOOK_S
from e2e.scaling.machine import Steps, Worker
from parley.adapters.kafka.access import DELIVERY_TIMEOUT_MS
from parley.client.outbox import Outbox
from parley.domain.content import Content
from parley.domain.errors import ErrorCode
from parley.protocol.client_frames import Send
from parley.protocol.server_frames import ErrorFrame
from parley.roles.chat.pressure import after_ms as refused_after_ms

_EVERY: Final = 3
LOST: Final = 1 / _EVERY
_CALM_S: Final = 10.0
"""So long everything is as usual before."""

_CAUGHT_UP_S: Final = 0.5
"""Drained means that no more waits than comes in so long."""


@dataclass(frozen=True, slots=True)
class ZoneLoss:
    """`capacity` is what all sequencers can order in a second before the loss; `election_s` is assumed."""

    per_second: float
    capacity: float
    seconds: float = 120.0
    election_s: float = 10.0
    lag_limit_s: float = LAG_LIMIT_SECONDS
    messages: int = 20_000
    seed: int = 1

    @property
    def weight(self) -> float:
        """Real messages for each that is simulated."""
        return self.per_second * self.seconds / self.messages

    @property
    def left(self) -> float:
        """What is left of the capacity, as a multiple of the load; below one nothing ever drains."""
        return self.capacity * (1 - LOST) / self.per_second


@dataclass(slots=True)
class Aftermath:
    """Times in seconds from the loss; `most_waiting` in messages; refusals for each message that was sent."""

    ordered: list[tuple[float, float]] = field(default_factory=list)
    refusals: int = 0
    sent: int = 0
    most_waiting: float = 0.0
    drained_at: float = 0.0

    def delay(self, share: float) -> float:
        """From the moment at which a message was written until it had its place, of those written after the loss."""
        delays = sorted(delay for due, delay in self.ordered if due >= _CALM_S)
        return delays[min(len(delays) - 1, int(len(delays) * share))] if delays else math.nan


class _World:
    def __init__(self, environment: simpy.Environment, loss: ZoneLoss) -> None:
        self.environment, self.loss = environment, loss
        self.lost = Worker(environment, loss.capacity * LOST)
        self.kept = Worker(environment, loss.capacity * (1 - LOST))
        self.backlog_s = {True: 0.0, False: 0.0}
        """Of the lost partitions and of the others, as of the last look, which is all that chat knows."""

    @property
    def waiting(self) -> float:
        return (self.lost.unfinished + self.kept.unfinished) * self.loss.weight


def simulate(loss: ZoneLoss) -> Aftermath:
    """Let it happen; returns when everything is ordered."""
    environment, found = simpy.Environment(), Aftermath()
    dice = random.Random(loss.seed)  # noqa: S311 - a simulation wants the same numbers again
    world = _World(environment, loss)
    environment.process(_lose(world))
    environment.process(_look(world, found))
    for number in range(loss.messages):
        due = number * loss.seconds / loss.messages
        environment.process(_message(world, due, dice, found, on_lost=number % _EVERY == 0))
    environment.run(until=loss.seconds * 3)
    return found


def _lose(world: _World) -> Steps:
    yield world.environment.timeout(_CALM_S)
    world.lost.pause(CONSUMER_SESSION_S)
    yield world.environment.timeout(CONSUMER_SESSION_S)
    left = world.loss.capacity * (1 - LOST)
    world.lost.speed, world.kept.speed = left * LOST, left * (1 - LOST)


def _look(world: _World, found: Aftermath) -> Steps:
    while True:
        waiting = world.waiting
        for on_lost, share, worker in ((True, LOST, world.lost), (False, 1 - LOST, world.kept)):
            per_second = world.loss.capacity * share
            world.backlog_s[on_lost] = worker.unfinished * world.loss.weight / per_second
        found.most_waiting = max(found.most_waiting, waiting)
        if world.environment.now > _CALM_S and waiting > world.loss.per_second * _CAUGHT_UP_S:
            found.drained_at = world.environment.now - _CALM_S
        yield world.environment.timeout(LAG_LOOK_S)


def _message(world: _World, due: float, dice: random.Random, found: Aftermath, *, on_lost: bool) -> Steps:
    """From the moment at which somebody wrote it to its place in the order."""
    clock = world.environment
    yield clock.timeout(due)
    outbox, found.sent = Outbox(dice.random), found.sent + 1
    pending = outbox.add("conversation", Send("", "key", content=Content("text"), conversation="conversation"))
    while True:
        outbox.due(clock.now * 1_000, lambda: "change-1")
        if _leaderless(world, on_lost=on_lost):
            yield clock.timeout(DELIVERY_TIMEOUT_MS / 1_000)
        after_ms = _refused_after_ms(world, on_lost=on_lost)
        if after_ms is None:
            break
        found.refusals += 1
        error = ErrorFrame(ErrorCode.OVERLOADED, "later", retryable=True, after_ms=after_ms, id="change-1")
        outbox.refused(error, clock.now * 1_000)
        yield clock.timeout(max(0.0, pending.due_at / 1_000 - clock.now))
    yield from (world.lost if on_lost else world.kept).work(world.loss.weight)
    found.ordered.append((due, clock.now - due))


def _leaderless(world: _World, *, on_lost: bool) -> bool:
    return on_lost and 0 <= world.environment.now - _CALM_S < world.loss.election_s


def _refused_after_ms(world: _World, *, on_lost: bool) -> int | None:
    """None for what is accepted."""
    beyond_s = world.backlog_s[on_lost] - world.loss.lag_limit_s
    if beyond_s > 0:
        return refused_after_ms(beyond_s)
    return 0 if _leaderless(world, on_lost=on_lost) else None

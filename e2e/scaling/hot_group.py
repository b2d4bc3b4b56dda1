"""A group in which everybody is online and somebody never stops: one partition, one fanout, and every gateway.

All messages of a conversation go through one sequencer and one fanout, one after the other; then each gateway hands
an entry to its members. Latency counts from the moment at which a message was due.
"""

from dataclasses import dataclass, field
from typing import Final

import simpy

from e2e.scaling.machine import Steps, Worker

_POINTS: Final = 8
"""Members of one gateway whose delivery is looked at; the others lie between them."""

_WATCHED: Final = 16
"""Gateways that are simulated; all of them get the same."""


@dataclass(frozen=True, slots=True)
class Group:
    """`unloaded_s` is what a message takes when nothing waits: hops, and whatever is not CPU of these processes."""

    members: int
    gateways: int
    per_second: float
    seconds: float
    chat_s: float
    sequencer_s: float
    fanout_s: float
    delivery_s: float
    unloaded_s: float
    spare: float = 1.0
    beside_s: float = 0.0
    machine_cores: int = 0


@dataclass(slots=True)
class Heard:
    """How long deliveries took, in seconds, and how many messages were under way at the end of the sending."""

    latencies: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    backlog: int = 0

    def percentile(self, share: float) -> float:
        """Of all deliveries."""
        return percentile(self.latencies, share)

    def last_member(self, share: float) -> float:
        """Of the deliveries that were the last ones of their messages."""
        return percentile(self.last, share)


class _Path:
    def __init__(self, environment: simpy.Environment, group: Group) -> None:
        self.environment = environment
        cores = simpy.Resource(environment, group.machine_cores) if group.machine_cores else None
        self.chat = Worker(environment, group.spare, cores)
        self.sequencer = Worker(environment, group.spare, cores)
        self.fanout = Worker(environment, group.spare, cores)
        watched = min(group.gateways, group.members, _WATCHED)
        self.gateways = [Worker(environment, group.spare, cores) for _ in range(watched)]
        self.beside = Worker(environment, group.spare, cores)


def simulate(group: Group) -> Heard:
    """Send at a steady pace, and wait until everybody has everything."""
    environment, heard = simpy.Environment(), Heard()
    path = _Path(environment, group)
    count = int(group.per_second * group.seconds)
    sending = [environment.process(_message(path, group, number / group.per_second, heard)) for number in range(count)]
    environment.run(until=group.seconds)
    heard.backlog = sum(each.is_alive for each in sending)
    environment.run()
    return heard


def _message(path: _Path, group: Group, due: float, heard: Heard) -> Steps:
    clock = path.environment
    yield clock.timeout(due)
    for worker, seconds in ((path.chat, group.chat_s), (path.sequencer, group.sequencer_s)):
        yield from worker.work(seconds)
    yield from path.fanout.work(group.fanout_s)
    parts = [clock.process(_deliver(path, group, number, due, heard)) for number in range(len(path.gateways))]
    if group.beside_s:
        parts.append(clock.process(path.beside.work(group.beside_s)))
    yield clock.all_of(parts)
    heard.last.append(clock.now - due + group.unloaded_s)


def _deliver(path: _Path, group: Group, gateway: int, due: float, heard: Heard) -> Steps:
    """Hand an entry to the members of one gateway."""
    here = group.members // group.gateways + (gateway < group.members % group.gateways)
    whole = here * group.delivery_s
    yield from path.gateways[gateway].work(whole)
    ended = path.environment.now - due + group.unloaded_s
    points = min(_POINTS, here)
    for number in range(points):
        heard.latencies.append(ended - whole * (points - 1 - number) / points)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

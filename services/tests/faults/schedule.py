"""Which faults come in which order: the same seed gives the same schedule, on any machine. Pure."""

import random
from dataclasses import dataclass
from enum import StrEnum

from typing_extensions import override


class Harm(StrEnum):
    """What is done to a process."""

    KILL = "kill -9"
    PAUSE = "pause"
    RESTART = "restart"
    FLUSH = "flush"


@dataclass(frozen=True)
class Fault:
    """`seconds` is how long the process stays away before it is started or goes on again."""

    harm: Harm
    target: str
    seconds: float

    @override
    def __str__(self) -> str:
        """As it stands in reports."""
        if self.harm is Harm.FLUSH:
            return "flush redis"
        return f"{self.harm} {self.target}, {self.seconds:.1f} s"


ROLES = (
    "gateway-1", "gateway-2", "chat-1", "chat-2", "sequencer-1", "sequencer-2", "fanout-1", "fanout-2", "receipts-1",
    "presence-1",
)  # fmt: skip
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
ZOMBIE_S = 12.0
"""Longer than a member of a consumer group may be silent: it wakes up with partitions that are somebody else's."""


def every_kind(chance: random.Random) -> list[Fault]:
    """One of each: every role killed, paused and restarted in turn, every server harmed."""
    faults = [Fault(Harm.KILL, role, chance.uniform(0.0, 1.5)) for role in ROLES]
    faults += [Fault(Harm.PAUSE, role, chance.uniform(1.0, 4.0)) for role in ("gateway-1", "chat-2", "fanout-1")]
    faults += [Fault(Harm.PAUSE, "sequencer-1", ZOMBIE_S), Fault(Harm.PAUSE, "sequencer-2", ZOMBIE_S)]
    faults += [Fault(Harm.RESTART, role, 0.0) for role in ("gateway-2", "chat-1", "sequencer-2", "fanout-2")]
    faults += [Fault(Harm.KILL, chance.choice(BROKERS), chance.uniform(0.5, 4.0))]
    faults += [Fault(Harm.RESTART, chance.choice(BROKERS), chance.uniform(0.5, 2.0))]
    faults += [Fault(Harm.PAUSE, chance.choice(BROKERS), chance.uniform(2.0, 8.0))]
    faults += [Fault(Harm.KILL, "cassandra", chance.uniform(0.0, 2.0)), Fault(Harm.PAUSE, "cassandra", 3.0)]
    faults += [Fault(Harm.KILL, "redis", chance.uniform(0.5, 3.0)), Fault(Harm.PAUSE, "redis", 3.0)]
    faults += [Fault(Harm.FLUSH, "redis", 0.0), Fault(Harm.FLUSH, "redis", 0.0)]
    return faults


def one_of_each_kind(seed: int) -> list[Fault]:
    """Each harm done once to each role and kind of server, in a random order; chance says which of several processes.

    For who has little time: processes of one role differ in nothing but their numbers.
    """
    chance = random.Random(seed)
    faults = every_kind(chance)
    chance.shuffle(faults)
    return list({(fault.harm, kind_of(fault.target)): fault for fault in faults}.values())


def kind_of(target: str) -> str:
    """What a process is, without its number."""
    return target.partition("-")[0]


def schedule(seed: int, count: int) -> list[Fault]:
    """So many faults in a random order; each kind comes once before any comes again."""
    chance = random.Random(seed)
    faults: list[Fault] = []
    while len(faults) < count:
        round_of = every_kind(chance)
        chance.shuffle(round_of)
        faults += round_of
    return faults[:count]

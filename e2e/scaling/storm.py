"""A reconnect storm: clients that lost their gateway come back to those that are left, as the SDK does.

Each client is the SDK's own machine (`parley.client.core`), so that backoff and jitter are not copied but used. A
client asks a gateway picked at random for the upgrade and says hello; the gateway verifies the token, registers the
person and asks chat what changed. Chat works on so many at once and refuses the rest, for whom the gateway asks again
(`e2e.scaling.chat_turns`). Whoever waits too long for the upgrade goes away; whom chat did not answer in time is told
when to come again.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass, field

import simpy

from e2e.scaling.chat_turns import BUSY, ChatTurns
from e2e.scaling.constants import ACCEPT_BACKLOG, CHAT_TURNS, OPEN_S, RESUME_SHARE, UPGRADE_SHARE
from e2e.scaling.machine import Steps, Worker
from parley.client.core import Core
from parley.protocol.errors import CloseCode
from parley.protocol.server_frames import GoAway, Welcome
from parley.roles.gateway.drain import ASKING_SHARE, SLICES

_WELCOME = Welcome("user", "session", 30_000, 256, 1 << 20, "2026-01-01T00:00:00.000Z")
_ABNORMAL = 1006


@dataclass(frozen=True, slots=True)
class Storm:
    """What happens. Times are seconds of CPU for one connection; `spare` is what is left of a core beside other work.

    `chat_cores` may be a fraction: the part of a pod of chat that these gateways have. `chat_after_s` is what a client
    asks of chat once it is welcome. `away_s`: nobody can be reached for so long. With `drain_ms` clients are not cut
    off but asked to leave, as a gateway does that stops. `machine_cores`: everything shares so many cores, as in a run
    on one machine, with the clients in one process (`client_s`) and the engines in several (`engine_s`, of which chat
    waits for the same part as of its own work). After `horizon_s` nobody looks any more.
    """

    clients: int
    gateways: int
    chat_cores: float
    gateway_s: float
    chat_s: float
    chat_after_s: float = 0.0
    gateway_spare: float = 1.0
    chat_spare: float = 1.0
    away_s: float = 0.0
    drain_ms: int = 0
    drain_per_second: float = 0.0
    client_s: float = 0.0
    engine_s: float = 0.0
    machine_cores: int = 0
    horizon_s: float = 120.0
    seed: int = 1


@dataclass(slots=True)
class Course:
    """What was seen: when each client was back, and what each second brought."""

    clients: int
    back_at: list[float] = field(default_factory=list)
    attempts: Counter[int] = field(default_factory=Counter)
    hellos: Counter[int] = field(default_factory=Counter)
    welcomes: Counter[int] = field(default_factory=Counter)
    given_up: int = 0
    unanswered: int = 0

    def share_back_at(self, share: float) -> float:
        """When so many of the clients were back; infinity when they were not within the horizon."""
        wanted = max(1, math.ceil(self.clients * share))
        return sorted(self.back_at)[wanted - 1] if wanted <= len(self.back_at) else math.inf


class Platform:
    """The gateways that are left, chat, and the machine they may share."""

    def __init__(self, environment: simpy.Environment, storm: Storm) -> None:
        """Everything is idle, and away for the time that the storm says."""
        self.environment = environment
        self.storm = storm
        self.cores = simpy.Resource(environment, storm.machine_cores) if storm.machine_cores else None
        self.gateways = [Worker(environment, storm.gateway_spare, self.cores) for _ in range(storm.gateways)]
        self.chat = Worker(environment, storm.chat_cores * storm.chat_spare, self.cores)
        self.resumes = ChatTurns(environment, storm.chat_cores)
        self.questions = ChatTurns(environment, storm.chat_cores)
        self.dice = random.Random(storm.seed + 1)  # noqa: S311 - a simulation wants the same numbers again
        self.people = Worker(environment, storm.gateway_spare, self.cores)
        self.engines = [Worker(environment, storm.gateway_spare, self.cores) for _ in range(storm.machine_cores)]

    def connect(self, gateway: Worker, course: Course) -> Steps:
        """One attempt; returns the close code, or None for a client that is welcome."""
        clock, storm = self.environment, self.storm
        begun = clock.now
        if begun < storm.away_s:
            return _ABNORMAL
        wait_s = 1.0
        while gateway.unfinished >= ACCEPT_BACKLOG:  # the kernel drops the SYN, and the client's repeats it
            yield clock.timeout(wait_s)
            wait_s *= 2
            if clock.now - begun >= OPEN_S:
                course.given_up += 1
                return 0
        if storm.client_s:
            yield from self.people.work(storm.client_s)
        left_s = begun + OPEN_S - clock.now
        if left_s <= 0 or not (yield from gateway.within(storm.gateway_s * UPGRADE_SHARE, left_s)):
            course.given_up += 1
            return 0
        course.hellos[int(clock.now)] += 1
        yield from gateway.work(storm.gateway_s * (1 - UPGRADE_SHARE))
        resume = [self._resume() for _ in range(CHAT_TURNS)]
        if not (yield from self.resumes.ask(resume, self.dice.random())):
            course.unanswered += 1
            return CloseCode.UNAVAILABLE
        clock.process(self.questions.ask([self._after()], self.dice.random()))
        return None

    def _resume(self) -> Steps:
        """One of its turns."""
        yield from self.chat.work(self.storm.chat_s / CHAT_TURNS)
        yield from self._ask_engines(self.storm.engine_s * RESUME_SHARE / CHAT_TURNS)

    def _after(self) -> Steps:
        yield from self.chat.work(self.storm.chat_after_s)
        yield from self._ask_engines(self.storm.engine_s * (1 - RESUME_SHARE))

    def _ask_engines(self, seconds: float) -> Steps:
        if seconds and self.engines:
            yield from min(self.engines, key=lambda each: each.unfinished).work(seconds)


def simulate(storm: Storm) -> Course:
    """Let it happen, until everybody is back or the horizon is reached."""
    environment, course = simpy.Environment(), Course(storm.clients)
    dice = random.Random(storm.seed)  # noqa: S311 - a simulation wants the same numbers again
    platform = Platform(environment, storm)
    for number in range(storm.clients):
        core = Core(f"user-{number}", "device", dice.random)
        environment.process(_client(platform, core, number, dice, course))
    environment.run(until=storm.horizon_s)
    return course


def _leave(platform: Platform, core: Core, number: int) -> Steps:
    """Lose the gateway without a word, or when it drains and asks this client."""
    clock, storm = platform.environment, platform.storm
    if not storm.drain_ms:
        core.disconnected(_ABNORMAL, 0.0)
        return
    core.receive(_WELCOME, 0.0)
    if storm.drain_per_second:
        yield clock.timeout(number / storm.drain_per_second)
        within_ms = 0
    else:
        turn = number // math.ceil(storm.clients / SLICES)
        yield clock.timeout(turn * storm.drain_ms * ASKING_SHARE / SLICES / 1_000)
        within_ms = max(0, int(storm.drain_ms - clock.now * 1_000))
    core.connected("token", clock.now * 1_000)
    core.receive(GoAway(within_ms, "it is about to stop"), clock.now * 1_000)
    yield clock.timeout(max(0.0, core.next_at() / 1_000 - clock.now))
    core.disconnected(CloseCode.GOING_AWAY, clock.now * 1_000)


def _client(platform: Platform, core: Core, number: int, dice: random.Random, course: Course) -> Steps:
    clock = platform.environment
    yield from _leave(platform, core, number)
    while True:
        yield clock.timeout(max(0.0, core.next_at() / 1_000 - clock.now))
        core.tick(core.next_at())
        course.attempts[int(clock.now)] += 1
        code = yield from platform.connect(dice.choice(platform.gateways), course)
        if code is None:
            core.receive(_WELCOME, clock.now * 1_000)
            course.back_at.append(clock.now)
            course.welcomes[int(clock.now)] += 1
            return
        if code is CloseCode.UNAVAILABLE:
            core.receive(BUSY, clock.now * 1_000)
        core.disconnected(code, clock.now * 1_000)

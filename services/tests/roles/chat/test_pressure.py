"""Changes are refused only where too much waits, and until it no longer does."""

import pytest

from parley.domain.backlog import USUAL_PER_SECOND
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.identity import partition_of
from parley.ports.event_log import Behind
from parley.roles.chat.pressure import LAG_LIMIT_S, Pressure, after_ms

PARTITIONS = 64
LIMIT = int(LAG_LIMIT_S * USUAL_PER_SECOND)


class Log:
    """Tells what the test wants of each partition, or that it cannot be asked."""

    def __init__(self) -> None:
        self.waiting = dict.fromkeys(range(PARTITIONS), 0)
        self.away = False

    async def behind(self, topic: str, group: str) -> dict[int, Behind]:
        assert (topic, group) == ("ingress", "sequencer")
        if self.away:
            raise ParleyError(ErrorCode.UNAVAILABLE, "Kafka is away")
        return {number: Behind(waiting, waiting) for number, waiting in self.waiting.items()}


def conversation_in(partition: int) -> str:
    return next(name for name in map(str, range(10_000)) if partition_of(name, PARTITIONS) == partition)


def pressure_of(log: Log) -> Pressure:
    return Pressure(log, now=lambda: 0.0)  # type: ignore[arg-type]  # only asked how far it is


async def test_g6_only_conversations_of_a_partition_that_is_far_behind_are_refused() -> None:
    log = Log()
    pressure = pressure_of(log)
    log.waiting[3] = LIMIT + 500
    await pressure.look()
    with pytest.raises(ParleyError, match="about 61 s, more than 60 s") as refused:
        pressure.check(conversation_in(3))
    assert (refused.value.code, refused.value.after_ms) == (ErrorCode.OVERLOADED, 1_000)
    pressure.check(conversation_in(4))
    log.waiting[3] = LIMIT
    await pressure.look()
    pressure.check(conversation_in(3))


async def test_g8_a_lost_zone_refuses_nobody_while_each_partition_is_seconds_behind() -> None:
    """700,000 messages a second on 1,024 partitions, a third of which nobody reads for ten seconds."""
    log = Log()
    pressure = pressure_of(log)
    log.waiting = {number: 6_840 if number % 3 == 0 else 70 for number in range(1024)}
    assert sum(log.waiting.values()) > 2_000_000
    await pressure.look()
    for number in range(5_000):
        pressure.check(str(number))


async def test_what_was_seen_last_counts_while_the_log_cannot_be_asked() -> None:
    log = Log()
    pressure = pressure_of(log)
    pressure.check("before the first look")
    log.away = True
    with pytest.raises(ParleyError):
        await pressure.look()
    pressure.check("never seen")


@pytest.mark.parametrize(("beyond_s", "wanted"), [(0.1, 1_000), (7.0, 7_000), (1e9, 30_000)])
def test_who_is_refused_comes_again_when_the_work_may_be_done(beyond_s: float, wanted: int) -> None:
    assert after_ms(beyond_s) == wanted

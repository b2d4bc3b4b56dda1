"""Chat's turns in a simulation: the rule is the code's own (`parley.domain.turns`), and so are its limits."""

from collections.abc import Generator
from typing import Any

import simpy

from e2e.scaling.constants import CALL_S, QUESTIONS_AT_ONCE
from e2e.scaling.machine import Steps
from parley.domain.errors import ErrorCode, ParleyError
from parley.domain.turns import Turns
from parley.protocol.calls import Reply
from parley.protocol.client_frames import Resume
from parley.protocol.server_frames import ErrorFrame
from parley.protocol.session import error_frame
from parley.roles.chat.turnstile import AFTER_MS, PATIENCE_S
from parley.roles.gateway.asking_again import pause_s

BUSY: ErrorFrame = error_frame(ParleyError(ErrorCode.OVERLOADED, "later", after_ms=AFTER_MS))
_RESUME = Resume("resume", {})


class ChatTurns:
    """The turns of one kind of question, of so many pods together; a part of a pod has a part of its places."""

    def __init__(self, environment: simpy.Environment, pods: float) -> None:
        """Nobody asks yet."""
        self._environment = environment
        places = max(1, round(QUESTIONS_AT_ONCE * pods))
        self._turns: Turns[simpy.Event] = Turns(places, places)

    def ask(self, steps: "list[Steps]", dice: float) -> Generator[simpy.Event, Any, bool]:
        """Ask as a gateway does: again after each refusal, until its time is over. Tells whether it was answered.

        `steps` are the parts of the work; none is begun when nobody waits any more.
        """
        clock = self._environment
        ends, refusals = clock.now + CALL_S, 0
        while not (yield from self._turn()):
            pause = pause_s(_RESUME, Reply(BUSY), refusals, dice) or 0.0
            refusals += 1
            if clock.now + pause >= ends:
                return False
            yield clock.timeout(pause)
        for step in steps:
            if clock.now > ends:
                break
            yield from step
        self._end()
        return bool(clock.now <= ends)

    def _turn(self) -> Generator[simpy.Event, Any, bool]:
        mine = self._environment.event()
        arrival = self._turns.come(mine, self._environment.now)
        if arrival.begins:
            return True
        if arrival.turned_away is not None:
            arrival.turned_away.succeed(value=False)
        yield mine | self._environment.timeout(PATIENCE_S)
        if not mine.triggered:
            self._turns.leave(mine)
            return False
        return bool(mine.value)

    def _end(self) -> None:
        following = self._turns.end(self._environment.now)
        if following is not None:
            following.succeed(value=True)

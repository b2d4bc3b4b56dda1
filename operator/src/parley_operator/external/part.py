"""One external system of one ChatCluster: looked at in the background, so that it never holds up anything else."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

import structlog

from parley_operator.external import provisioning
from parley_operator.external.breaker import OPEN_S, Breaker
from parley_operator.external.outcome import Outcome, Refusal, Unreachable
from parley_operator.external.provisioning import SecretData
from parley_operator.model.chat_cluster import ChatClusterSpec

_log: Final = structlog.get_logger()
_T = TypeVar("_T")

TOLD_AFTER: Final = 2
"""So many failures in a row make a server that answered before one that does not; the second try comes soon."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the system. `about` tells what it was asked for; `done` are the steps that were carried out."""

    about: str = ""
    outcome: Outcome | None = None
    error: str = ""
    done: tuple[str, ...] = ()
    applying: bool = False
    open: bool = False


@dataclass(slots=True)
class ExternalPart:
    """Kafka, the message store or Redis of one ChatCluster.

    `breaker` is shared by all that ask the same server in the same way, `limit` by all that use the same threads.
    """

    name: str
    changed: Callable[[], None]
    interval_s: float
    deadline_s: float
    pool: ThreadPoolExecutor
    limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    known: Known = field(default_factory=Known)
    breaker: Breaker = field(default_factory=Breaker)
    _task: asyncio.Task[None] | None = None
    _next: float = 0.0
    _probes: bool = False
    _missed: int = 0
    """Failures since the last answer."""

    def want(self, about: str, spec: ChatClusterSpec, secrets: SecretData, *, act: bool) -> float:
        """Look, and act unless `act` is false, when it is time to; returns the seconds until the next time.

        What is asked for anew (`about`) is looked at at once, unless its server is known not to answer.
        """
        now = asyncio.get_running_loop().time()
        if self._task is not None and not self._task.done():
            return self.interval_s
        fresh = about != self.known.about
        if not fresh and now < self._next:
            return self._next - now
        if not self.breaker.allows(now):
            self._told_by_others(about)
            return self.interval_s if self.breaker.may_wait(self, self.changed) else OPEN_S
        self._probes = self.breaker.open
        self.breaker.claim(now)
        self._next = now + self.interval_s
        self._task = asyncio.create_task(self._work(about, spec, secrets, act=act))
        return self.interval_s

    async def stop(self) -> None:
        """Wait no longer for an answer."""
        self.breaker.leave(self)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self, about: str, spec: ChatClusterSpec, secrets: SecretData, *, act: bool) -> None:
        before = self.known
        try:
            outcome = await self._blocking(provisioning.look, spec, secrets)
            self.known = Known(about, outcome)
            if outcome.planned and not outcome.refused and act:
                # What is about to happen can be read in the status before it happens.
                self.known = Known(about, outcome, applying=True)
                self.changed()
                done = await self._blocking(provisioning.carry_out, spec, secrets)
                self.known = Known(about, Outcome(), done=tuple(done))
            self._answered()
        except Refusal as refusal:
            self.known = Known(about, Outcome(refused=(str(refusal),)))
            self._answered()
        except Unreachable as error:
            self._failed(about, str(error))
        except TimeoutError:
            self._failed(about, f"no answer within {self.deadline_s:g} s")
        except Exception as error:  # noqa: BLE001 - drivers raise what they like, and others must go on
            _log.exception("an external system failed unexpectedly", part=self.name)
            self._failed(about, f"{type(error).__name__}: {error}")
        # After a failure somebody must come back before the interval is over.
        if self.known != before or self._missed:
            self.changed()

    async def _blocking(
        self, work: Callable[[str, ChatClusterSpec, SecretData], _T], spec: ChatClusterSpec, secrets: SecretData
    ) -> _T:
        loop = asyncio.get_running_loop()
        # The deadline is for the server's answer, not for the wait until a thread is free.
        async with self.limit, asyncio.timeout(self.deadline_s):
            if self.breaker.open and not self._probes:
                raise Unreachable(self.breaker.error)  # others found out while this one waited for a thread
            return await loop.run_in_executor(self.pool, work, self.name, spec, secrets)

    def _told_by_others(self, about: str) -> None:
        """Others asked the same server and got no answer: nobody asks it now."""
        before = self.known
        outcome = before.outcome if before.about == about else None
        self.known = Known(about, outcome, self.breaker.error, open=True)
        if self.known != before:
            self.changed()

    def _answered(self) -> None:
        self._missed = 0
        self.breaker.succeeded()

    def _failed(self, about: str, error: str) -> None:
        now = asyncio.get_running_loop().time()
        self.breaker.failed(now, error)
        self._missed += 1
        wait = min(self.interval_s, OPEN_S, 2.0**self.breaker.failures) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load
        self._next = now + wait
        outcome = self.known.outcome if self.known.about == about else None
        if outcome is not None and not self.known.applying and self._missed < TOLD_AFTER and not self.breaker.open:
            return  # it answered a moment ago: a busy machine or a lost packet is not yet news for people
        self.known = Known(about, outcome, error, open=self.breaker.open)

"""What does the work in a simulation: processes that do one thing at a time, on cores of their own or shared ones."""

from collections.abc import Generator
from typing import Any, TypeAlias

import simpy

Steps: TypeAlias = Generator[simpy.Event, Any, Any]
"""A process of SimPy: it yields what it waits for."""


class Worker:
    """One event loop: jobs are done one after the other, in the order in which they came.

    `speed` below one stands for a core that has other work as well, above one for several processes that share the
    jobs. With `cores` every job also needs one of the cores of a machine that others use too.
    """

    def __init__(self, environment: simpy.Environment, speed: float = 1.0, cores: simpy.Resource | None = None) -> None:
        """Be idle."""
        if speed <= 0:
            raise ValueError(f"a worker of speed {speed:g} would never finish; give it some of a core")
        self._environment = environment
        self.speed = speed
        self._cores = cores
        self._turn = simpy.Resource(environment)
        self._free_at = 0.0
        self.unfinished = 0

    def pause(self, seconds: float) -> None:
        """Begin nothing for so long; what waits, waits."""
        self._free_at = max(self._free_at, self._environment.now) + seconds

    def book(self, seconds: float) -> float:
        """Take a job that somebody need not wait for; returns in how many seconds it will be done."""
        if self._cores is not None:
            raise ValueError("on shared cores nobody knows beforehand when a job is done; wait for `work`")
        self.unfinished += 1
        # First come, first served: when a job will be done is known when it comes.
        self._free_at = max(self._free_at, self._environment.now) + seconds / self.speed
        left = self._free_at - self._environment.now
        done = self._environment.timeout(left)
        assert done.callbacks is not None  # noqa: S101 - it has not happened yet
        done.callbacks.append(self._finished)
        return left

    def work(self, seconds: float) -> Steps:
        """Wait for the turn, then work for so many seconds of CPU."""
        if self._cores is None:
            yield self._environment.timeout(self.book(seconds))
            return
        self.unfinished += 1
        with self._turn.request() as turn:
            yield turn
            with self._cores.request() as core:
                yield core
                yield self._environment.timeout(seconds / self.speed)
        self.unfinished -= 1

    def within(self, seconds: float, limit_s: float) -> Generator[simpy.Event, Any, bool]:
        """Wait for a job, but not longer than this; tells whether it was done. It is done in any case."""
        if self._cores is None:
            left = self.book(seconds)
            yield self._environment.timeout(min(left, limit_s))
            return left <= limit_s
        job = self._environment.process(self.work(seconds))
        yield job | self._environment.timeout(limit_s)
        return not job.is_alive

    def _finished(self, _: simpy.Event) -> None:
        self.unfinished -= 1

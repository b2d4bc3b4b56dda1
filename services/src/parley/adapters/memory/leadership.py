"""Jobs and their holders in this process."""

from parley.ports.clock import Clock


class MemoryLeadership:
    """A job is free when nobody holds it or its time is over."""

    def __init__(self, clock: Clock) -> None:
        """Begin with free jobs."""
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}

    async def acquire(self, job: str, holder: str, ttl_ms: int) -> bool:
        """Take or keep the job."""
        now = self._clock.monotonic()
        current = self._held.get(job)
        if current is not None and current[0] != holder and current[1] > now:
            return False
        self._held[job] = (holder, now + ttl_ms / 1000)
        return True

    async def resign(self, job: str, holder: str) -> None:
        """Free the job if this holder has it."""
        if self._held.get(job, ("", 0.0))[0] == holder:
            del self._held[job]

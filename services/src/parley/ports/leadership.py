"""Who of several equal processes does a job that only one should do."""

from typing import Protocol


class Leadership(Protocol):
    """A lock with an expiry: an optimisation, never a guarantee; the job must bear two leaders."""

    async def acquire(self, job: str, holder: str, ttl_ms: int) -> bool:
        """Take or keep the job; False while somebody else holds it."""
        ...

    async def resign(self, job: str, holder: str) -> None:
        """Give the job up at once."""
        ...

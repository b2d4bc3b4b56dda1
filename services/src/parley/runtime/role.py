"""What a role is to the process that runs it."""

import asyncio
from typing import Protocol


class Role(Protocol):
    """One workload: it runs until it is told to stop, then finishes what it has in hand and returns."""

    name: str

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then drain. Raises only what a restart of the process may heal."""
        ...

    def not_ready(self) -> str | None:
        """Say in one sentence what keeps the role from serving; None when it serves."""
        ...

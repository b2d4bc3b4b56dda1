"""What all clients of a gateway share."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from parley.domain.limits import Limits
from parley.ports.clock import Clock
from parley.ports.tokens import TokenVerifier
from parley.protocol.vigil import Timing
from parley.roles.gateway.directory import Directory
from parley.roles.gateway.enrolment import Enrolment
from parley.roles.gateway.lanes import Lanes
from parley.roles.gateway.marks import MarkMerger
from parley.roles.gateway.watching import Watching
from parley.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """Wired once per gateway.

    `closing` holds the tasks of connections that are being closed; `departure` is set whenever a client has gone.
    """

    settings: Settings
    limits: Limits
    timing: Timing
    clock: Clock
    tokens: TokenVerifier
    lanes: Lanes
    marks: MarkMerger
    directory: Directory
    enrolment: Enrolment
    watching: Watching
    closing: set[asyncio.Task[None]] = field(default_factory=set)
    departure: asyncio.Event = field(default_factory=asyncio.Event)

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a close go on by itself."""
        task = asyncio.get_running_loop().create_task(work)
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

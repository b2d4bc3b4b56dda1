"""The chat service, as the gateway sees it: in the same process, or behind HTTP."""

from collections.abc import Sequence
from typing import Protocol

from parley.protocol.calls import Call, Reply


class Chat(Protocol):
    """Answers calls. A call that cannot be answered gets an error frame as its reply, never an exception."""

    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        """Answer a batch of one lane in its order; one reply per call."""
        ...

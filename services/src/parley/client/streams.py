"""Events as an application iterates over them; an iteration that is given up leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator

from typing_extensions import override

from parley.client.events import Event, MessageEvent, StoppedEvent


class EventStream(AsyncIterator[Event]):
    """Everything that happens, until the client stops."""

    def __init__(self, events: "asyncio.Queue[Event]") -> None:
        """Share the queue with whoever iterates as well: each event goes to one of them."""
        self._events = events
        self._ended = False

    @override
    async def __anext__(self) -> Event:
        if self._ended:
            raise StopAsyncIteration
        event = await self._events.get()
        self._ended = isinstance(event, StoppedEvent)
        return event


class MessageStream(AsyncIterator[MessageEvent]):
    """New entries alone; what else happens is passed over."""

    def __init__(self, events: EventStream) -> None:
        """Take entries out of a stream of events."""
        self._events = events

    @override
    async def __anext__(self) -> MessageEvent:
        while True:
            event = await anext(self._events)
            if isinstance(event, MessageEvent):
                return event

"""A gateway's way to chat: batches of calls to its internal port."""

from collections.abc import Sequence
from typing import Final

import msgspec
from typing_extensions import override

from parley.adapters.http.internal_port import InternalPort, unanswered
from parley.contract import CALLS_PATH
from parley.ports.chat import Chat
from parley.protocol.calls import Call, Reply
from parley.protocol.client_frames import CHANGES

_DECODER: Final = msgspec.msgpack.Decoder(list[Reply])


class HttpChat(Chat):
    """Raises ParleyError UNAVAILABLE when a batch was not answered: nobody knows then what became of it.

    Changes are left to the client, who sends them again as retries; questions are asked again here.
    """

    def __init__(self, port: InternalPort) -> None:
        """Ask over this connection."""
        self._port = port

    @override
    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        changes = any(isinstance(call.asked, CHANGES) for call in calls)
        answer = await self._port.ask(CALLS_PATH, calls, harmless=not changes)
        try:
            return _DECODER.decode(answer)
        except msgspec.DecodeError as error:
            raise unanswered(f"answered what this gateway cannot read: {error}") from None

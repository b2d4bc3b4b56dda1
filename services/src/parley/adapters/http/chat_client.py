"""A gateway's way to chat: batches of calls to its internal port."""

from collections.abc import Sequence
from typing import Final

import msgspec
from typing_extensions import override

from parley.adapters.http.internal_port import InternalPort, unanswered
from parley.contract import CALLS_PATH
from parley.ports.chat import Chat
from parley.protocol.calls import Call, Reply

_DECODER: Final = msgspec.msgpack.Decoder(list[Reply])


class HttpChat(Chat):
    """Raises ParleyError UNAVAILABLE when a batch was not answered: nobody knows then what became of it."""

    def __init__(self, port: InternalPort) -> None:
        """Ask over this connection."""
        self._port = port

    @override
    async def call(self, calls: Sequence[Call]) -> list[Reply]:
        answer = await self._port.ask(CALLS_PATH, calls)
        try:
            return _DECODER.decode(answer)
        except msgspec.DecodeError as error:
            raise unanswered(f"answered what this gateway cannot read: {error}") from None

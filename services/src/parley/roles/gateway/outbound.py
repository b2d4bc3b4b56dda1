"""A frame on its way to sockets: encoded once per encoding, however many recipients it has."""

from typing import Final

from websockets.frames import Frame, Opcode

from parley.protocol.codec import JSON, MSGPACK, Codec
from parley.protocol.server_frames import AnyServerFrame, Message, PresenceUpdate, TypingNotice

_OPCODES: Final = {JSON.subprotocol: Opcode.TEXT, MSGPACK.subprotocol: Opcode.BINARY}


class Outbound:
    """Holds a frame, and its bytes once somebody needs them. Servers do not mask, so the wire form is shared too."""

    __slots__ = ("_payloads", "_wires", "frame")

    def __init__(self, frame: AnyServerFrame) -> None:
        """Encode nothing yet."""
        self.frame = frame
        self._payloads: dict[str, bytes] = {}
        self._wires: dict[str, bytes] = {}

    @property
    def fleeting(self) -> bool:
        """Whether nobody misses the frame when it is dropped: typing, and changes of presence."""
        return isinstance(self.frame, TypingNotice) or (
            isinstance(self.frame, PresenceUpdate) and self.frame.id is None
        )

    @property
    def message(self) -> Message | None:
        """The frame, if it is a body that the flow window counts."""
        return self.frame if isinstance(self.frame, Message) else None

    def payload(self, codec: Codec) -> bytes:
        """The frame's bytes in an encoding."""
        payload = self._payloads.get(codec.subprotocol)
        if payload is None:
            payload = self._payloads[codec.subprotocol] = codec.encode(self.frame)
        return payload

    def wire(self, codec: Codec) -> bytes:
        """The whole uncompressed WebSocket frame in an encoding."""
        wire = self._wires.get(codec.subprotocol)
        if wire is None:
            frame = Frame(_OPCODES[codec.subprotocol], self.payload(codec))
            wire = self._wires[codec.subprotocol] = bytes(frame.serialize(mask=False))
        return wire

"""Bytes to frames and back, in JSON and MessagePack, with refusals that name the field."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from parley.contract import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from parley.domain.errors import ErrorCode, ParleyError
from parley.protocol.client_frames import AnyClientFrame
from parley.protocol.server_frames import AnyServerFrame

_UNKNOWN_TYPE: Final = re.compile(r"Invalid value .* - at `\$\.type`|Object missing required field `type`")
_PATH: Final = re.compile(r" - at `\$\.?([^`]*)`$")
_MISSING: Final = re.compile(r"missing required field `([^`]+)`")


class _Probe(msgspec.Struct):
    """The little that an answer to a broken frame needs."""

    id: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoding of the protocol; `binary` tells which kind of WebSocket message carries it."""

    subprotocol: str
    binary: bool
    _encoder: Any
    _client: Any
    _server: Any
    _probe: Any

    def encode(self, frame: AnyClientFrame | AnyServerFrame) -> bytes:
        """Encode a frame of either side."""
        encoded: bytes = self._encoder.encode(frame)
        return encoded

    def decode_client(self, data: bytes) -> AnyClientFrame:
        """Decode what a client sent; raises ParleyError INVALID_FRAME, UNKNOWN_FRAME or INVALID_FIELD."""
        try:
            frame: AnyClientFrame = self._client.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _refusal(error, self._type_of(data)) from None
        return frame

    def decode_server(self, data: bytes) -> AnyServerFrame | None:
        """Decode what the server sent; None for a type that this client does not know."""
        try:
            frame: AnyServerFrame = self._server.decode(data)
        except msgspec.ValidationError as error:
            if _UNKNOWN_TYPE.search(str(error)):
                return None
            raise
        return frame

    def id_of(self, data: bytes) -> str | None:
        """The request id of a frame that could not be decoded, if it has a readable one."""
        try:
            probe: _Probe = self._probe.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return probe.id

    def _type_of(self, data: bytes) -> str | None:
        try:
            probe: _Probe = self._probe.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return probe.type


JSON: Final = Codec(
    SUBPROTOCOL_JSON,
    False,
    msgspec.json.Encoder(),
    msgspec.json.Decoder(AnyClientFrame),
    msgspec.json.Decoder(AnyServerFrame),
    msgspec.json.Decoder(_Probe),
)
MSGPACK: Final = Codec(
    SUBPROTOCOL_MSGPACK,
    True,
    msgspec.msgpack.Encoder(),
    msgspec.msgpack.Decoder(AnyClientFrame),
    msgspec.msgpack.Decoder(AnyServerFrame),
    msgspec.msgpack.Decoder(_Probe),
)
CODECS: Final = {codec.subprotocol: codec for codec in (JSON, MSGPACK)}


def rfc3339(milliseconds: int) -> str:
    """Write a time as clients see it: UTC with milliseconds, such as 2026-11-25T10:00:00.123Z."""
    return f"{_to_the_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(64)
def _to_the_second(seconds: int) -> str:
    """Most times that are written belong to the second that is now."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _refusal(error: Exception, frame_type: str | None) -> ParleyError:
    """Translate msgspec's complaint into the refusal a client can act on."""
    text = str(error)
    if not isinstance(error, msgspec.ValidationError):
        return ParleyError(ErrorCode.INVALID_FRAME, f"the frame is malformed: {text}")
    if _UNKNOWN_TYPE.search(text):
        return ParleyError(
            ErrorCode.UNKNOWN_FRAME, f"type is {str(frame_type)[:80]!r}, which no frame has", field="type"
        )
    path, missing = _PATH.search(text), _MISSING.search(text)
    where = [part for part in (path.group(1) if path else "", missing.group(1) if missing else "") if part]
    name = ".".join(where)
    if not name:
        return ParleyError(ErrorCode.INVALID_FRAME, f"the frame is malformed: {text}")
    return ParleyError(ErrorCode.INVALID_FIELD, f"{name} in frame {frame_type!r}: {_PATH.sub('', text)}", field=name)

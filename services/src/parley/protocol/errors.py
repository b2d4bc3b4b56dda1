"""How connections end: the WebSocket close codes, in one table."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class CloseCode(IntEnum):
    """4000-4399: reconnect with jitter. 4400-4499: get a new token first. From 4500 on: do not reconnect as you are."""

    GOING_AWAY = 4000
    HEARTBEAT_LOST = 4001
    TOO_SLOW = 4008
    UNAVAILABLE = 4010
    UNAUTHENTICATED = 4400
    TOKEN_EXPIRED = 4401
    PROTOCOL_ERROR = 4500
    REPLACED = 4501
    FLOODING = 4502


RECONNECT_BELOW: Final = 4400
AUTHENTICATE_BELOW: Final = 4500


@dataclass(frozen=True, slots=True)
class CloseKind:
    """Why a connection was closed, and what a client does next."""

    meaning: str
    next_step: str


_JITTER: Final = "reconnect with jitter and send hello with cursors"
_TOKEN: Final = "get a new token, then reconnect"  # noqa: S105 - a sentence, not a secret

CLOSES: Final[dict[CloseCode, CloseKind]] = {
    CloseCode.GOING_AWAY: CloseKind("The gateway drains before it stops.", _JITTER),
    CloseCode.HEARTBEAT_LOST: CloseKind("No pong and no frame for two heartbeats.", _JITTER),
    CloseCode.TOO_SLOW: CloseKind("You read nothing for 30 s while frames waited.", _JITTER),
    CloseCode.UNAVAILABLE: CloseKind("The chat service did not answer the hello.", _JITTER),
    CloseCode.UNAUTHENTICATED: CloseKind("The token is missing, malformed or not trusted.", _TOKEN),
    CloseCode.TOKEN_EXPIRED: CloseKind("The token expired and was not renewed in place.", _TOKEN),
    CloseCode.PROTOCOL_ERROR: CloseKind(
        "The first frame was no hello, or frames kept being malformed.", "mend the client"
    ),
    CloseCode.REPLACED: CloseKind(
        "The same device connected again.", "stay away: the newer connection is the live one"
    ),
    CloseCode.FLOODING: CloseKind("Requests went on far above the rate limit.", "mend the client"),
}
